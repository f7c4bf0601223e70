// An answer must mean the same however it is cut, and looking ahead must never find another one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proto/http1/client_codec.h"

namespace {

using namespace sally;

struct Outcome {
  std::string heads, content;
  std::string_view error;
  bool whole = false;
  bool operator==(const Outcome&) const = default;
};

http::HttpLimits small_limits() {
  http::HttpLimits limits;
  limits.header_bytes = 512;
  limits.header_count = 8;
  return limits;
}

Outcome read(Bytes all, std::size_t cut, http::Method method, bool ahead) {
  const http::HttpLimits limits = small_limits();
  http1::ClientCodec codec(limits);
  codec.expect(method);
  Arena memory;
  http::Fields fields, trailers;
  Outcome o;
  std::string have;
  http1::AnswerEnd end = http1::AnswerEnd::at_once;
  const std::string_view text = as_text(all);
  std::size_t at = 0;
  for (bool final = false; !final;) {
    if (!have.empty()) {
      auto head = codec.read_head(have, memory, fields);
      if (!head) return o.error = head.error().kind().id, o;
      if (*head) {
        if ((*head)->size > have.size()) std::abort();
        for (const http::Field& f : fields) o.heads.append(f.name).append("=").append(f.value).append(";");
        o.heads += std::to_string((*head)->status);
        fields.clear();
        final = (*head)->status >= 200;
        end = (*head)->end;
        have.erase(0, (*head)->size);
        continue;
      }
    }
    if (at == text.size()) return o;
    have += text.substr(at, cut);
    at = std::min(text.size(), at + cut);
  }
  o.whole = end == http1::AnswerEnd::at_once;
  if (ahead && !o.whole) {
    have += text.substr(at);
    if (const auto whole = codec.whole_content(as_bytes(have), memory)) {
      o.content = as_text(*whole);
      o.whole = true;
      return o;
    }
    at = text.size();
  }
  while (!o.whole) {
    if (have.empty() && at == text.size()) {
      o.whole = codec.end_of_input().has_value();
      return o;
    }
    if (have.empty()) {
      have = text.substr(at, cut);
      at = std::min(text.size(), at + cut);
    }
    auto piece = codec.read_content(as_bytes(have));
    if (!piece) return o.error = piece.error().kind().id, o;
    if (piece->used == 0 || piece->used > have.size() || piece->content.size() > piece->used) std::abort();
    o.content += as_text(piece->content);
    o.whole = piece->whole;
    have.erase(0, piece->used);
  }
  if (auto last = codec.read_trailers(memory, trailers); !last) o.error = last.error().kind().id;
  return o;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const Bytes all(reinterpret_cast<const std::byte*>(bytes) + 2, size - 2);
  const http::Method method = bytes[1] & 1 ? http::Method::head : http::Method::get;
  const Outcome whole = read(all, all.size() + 1, method, false);
  if (read(all, std::size_t{bytes[0]} + 1, method, false) != whole) std::abort();
  if (read(all, 1, method, false) != whole) std::abort();
  if (const Outcome ahead = read(all, all.size() + 1, method, true); ahead != whole) std::abort();
  return 0;
}
