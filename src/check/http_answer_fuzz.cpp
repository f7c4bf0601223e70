#include "check/http_answer.h"

#include <cstdlib>

#include "base/bytes.h"

using namespace sally;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = as_text(as_bytes(std::span(bytes, size)));
  const check::HttpHeadLimits limits{.bytes = 2048, .fields = 16};
  const auto whole = check::read_http_head(text, limits);
  if (whole && *whole) {
    if ((*whole)->fields.size() > limits.fields || (*whole)->status < 100 || (*whole)->status > 999)
      std::abort();
    for (const auto& [name, value] : (*whole)->fields)
      for (const char c : name + value)
        if (static_cast<unsigned char>(c) < ' ') std::abort();
  }
  return 0;
}
