#include "proto/postgres/starttls.h"

#include "proto/dialogue_fuzz.h"

using namespace sally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  proto::drive(postgres::make_plain_login({}), {bytes, size});
  return proto::drive(postgres::make_starttls({}), {bytes, size});
}
