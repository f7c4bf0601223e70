#include "proto/server_fuzz.h"
#include "proto/ftp/server.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return sally::proto::drive(sally::ftp::kServerSide, {bytes, size});
}
