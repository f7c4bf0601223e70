#include "proto/mysql/starttls.h"

#include "proto/dialogue_fuzz.h"

using namespace sally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return proto::drive(mysql::make_starttls({}), {bytes, size});
}
