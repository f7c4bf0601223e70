#include "proto/ldap/starttls.h"

#include "proto/dialogue_fuzz.h"

using namespace sally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  proto::drive(ldap::make_plain_login({}), {bytes, size});
  return proto::drive(ldap::make_starttls({}), {bytes, size});
}
