#include "proto/http2/request_fields.h"

#include <charconv>

namespace sally::http2 {

void RequestFields::start(const RequestHead& head) {
  head_ = head;
  text_.clear();
  sizes_.clear();
  list_.clear();
  field(":method", head.method_text);
  field(":scheme", head.scheme);
  field(":authority", head.host);
  field(":path", head.path);
  if (!head.has_query) return;
  text_.append("?").append(head.query);
  sizes_.back().value += 1 + head.query.size();
}

void RequestFields::field(std::string_view name, std::string_view value) {
  text_.append(name).append(value);
  sizes_.push_back({name.size(), value.size()});
}

std::span<const nghttp2_nv> RequestFields::all() {
  if (head_.content_length) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, *head_.content_length).ptr;
    field("content-length", {digits, static_cast<std::size_t>(end - digits)});
  }
  if (head_.expects_continue) field("expect", "100-continue");
  if (head_.takes_trailers) field("te", "trailers");
  auto* at = reinterpret_cast<std::uint8_t*>(text_.data());
  for (const Sizes& s : sizes_) {
    list_.push_back({at, at + s.name, s.name, s.value, NGHTTP2_NV_FLAG_NONE});
    at += s.name + s.value;
  }
  return list_;
}

}  // namespace sally::http2
