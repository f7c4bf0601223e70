#include "proto/pop3/starttls.h"

#include "proto/dialogue_fuzz.h"

using namespace sally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return proto::drive(pop3::make_starttls({}), {bytes, size});
}
