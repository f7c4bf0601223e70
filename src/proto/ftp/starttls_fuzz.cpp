#include "proto/ftp/starttls.h"

#include "proto/dialogue_fuzz.h"

using namespace sally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  proto::drive(ftp::make_plain_login({}), {bytes, size});
  return proto::drive(ftp::make_starttls({}), {bytes, size});
}
