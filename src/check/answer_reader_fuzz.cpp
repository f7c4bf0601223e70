#include "check/answer_reader.h"

#include <cstdint>
#include <cstdlib>

/// Pieces make no difference: all at once and byte by byte give the same content.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  const Bytes in = std::as_bytes(std::span(bytes, size));
  check::AnswerReader once(4096), slowly(4096);
  const auto first = once.feed(in);
  Result<bool> last = false;
  for (std::size_t at = 0; at < size && last && !*last; ++at) last = slowly.feed(in.subspan(at, 1));
  if (once.content().size() > 4096) std::abort();
  if (first && last && (*first != *last || once.content() != slowly.content())) std::abort();
  return 0;
}
