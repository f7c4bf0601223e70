#include "proto/server_fuzz.h"
#include "proto/ldap/server.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return sally::proto::drive(sally::ldap::kServerSide, {bytes, size});
}
