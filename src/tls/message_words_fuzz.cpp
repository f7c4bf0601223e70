// Any bytes as a handshake message: nothing may crash, and every line is printable.
#include "tls/message_words.h"

#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  for (const std::uint16_t version : {0x0303, 0x0304})
    for (const std::string& line : tls::message_words(as_bytes(std::span(bytes, size)), version))
      for (const char c : line)
        if (static_cast<unsigned char>(c) < ' ') std::abort();
  return 0;
}
