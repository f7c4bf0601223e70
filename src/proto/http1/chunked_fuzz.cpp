// A chunked body must mean the same however it is cut, and never more than it holds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proto/http1/chunked.h"

namespace {

using namespace sally;

struct Outcome {
  std::string content, trailers;
  std::string_view error;
  std::size_t used = 0;
  bool whole = false;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(Bytes all, std::size_t cut, std::size_t most) {
  http::HttpLimits limits;
  limits.chunk_line_bytes = 32;
  limits.trailer_bytes = 64;
  http1::ChunkedDecoder decoder(limits);
  Outcome o;
  while (o.used < all.size() && !o.whole) {
    const Bytes piece = all.subspan(o.used, std::min(cut, all.size() - o.used));
    const auto step = decoder.decode(piece, most, o.used);
    if (!step) {
      o.error = step.error().kind().id;
      o.used = 0;
      return o;
    }
    if (step->used == 0 || step->used > piece.size() || step->content.size() > most) std::abort();
    o.content += as_text(step->content);
    o.used += step->used;
    o.whole = step->whole;
  }
  o.trailers = decoder.trailer_text();
  if (o.content.size() + o.trailers.size() > o.used) std::abort();
  return o;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const Bytes all(reinterpret_cast<const std::byte*>(bytes) + 2, size - 2);
  const Outcome whole = decode(all, all.size(), SIZE_MAX);
  if (decode(all, std::size_t{bytes[0]} + 1, std::size_t{bytes[1]} + 1) != whole) std::abort();
  if (decode(all, 1, 1) != whole) std::abort();
  return 0;
}
