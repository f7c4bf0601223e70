#include "answer.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sally::bench {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kFrameHead = 9;
constexpr std::uint8_t kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kGoAway = 7;
constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4, kPadded = 8;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

void append_frame(std::string& out, std::uint8_t type, std::uint8_t flags, char stream,
                  std::string_view payload) {
  const std::size_t n = payload.size();
  out += {static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
  out += {static_cast<char>(type), static_cast<char>(flags), 0, 0, 0, stream};
  out += payload;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return out;
}

}  // namespace

std::string http1_request(std::string_view host, std::string_view path) {
  std::string out = "GET ";
  out.append(path).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n\r\n");
  return out;
}

std::string http2_request(std::string_view host, std::string_view path) {
  std::string fields = "\x82\x87";  // :method GET, :scheme https
  fields += '\x04';
  fields += static_cast<char>(path.size());
  fields.append(path);
  fields += '\x01';
  fields += static_cast<char>(host.size());
  fields.append(host);
  std::string out(kPreface);
  append_frame(out, kSettings, 0, 0, "");
  append_frame(out, kHeaders, kEndStream | kEndHeaders, 1, fields);
  return out;
}

std::string Answer::take_reply() { return std::exchange(reply_, {}); }

Answer::State Answer::wrong(std::string_view why) {
  reason_ = why;
  return State::wrong;
}

Answer::State Answer::feed(std::string_view bytes) {
  unread_ += bytes;
  return http2_ ? feed_http2() : feed_http1();
}

Answer::State Answer::feed_http1() {
  if (!head_done_) {
    const std::size_t end = unread_.find("\r\n\r\n");
    if (end == std::string::npos) return State::incomplete;
    const std::string head = lower(std::string_view(unread_).substr(0, end + 2));
    if (!head.starts_with("http/1.1 200")) return wrong("status line: " + head.substr(0, head.find('\r')));
    constexpr std::string_view kLength = "\r\ncontent-length: ";
    const std::size_t at = head.find(kLength);
    if (at == std::string::npos) return wrong("no content-length");
    const char* digits = head.data() + at + kLength.size();
    const auto [stop, error] = std::from_chars(digits, head.data() + head.size(), expected_bytes_);
    if (error != std::errc() || *stop != '\r') return wrong("content-length is no number");
    head_done_ = true;
    unread_.erase(0, end + 4);
  }
  body_bytes_ += unread_.size();
  unread_.clear();
  if (body_bytes_ > expected_bytes_) return wrong("more bytes than content-length");
  return body_bytes_ == expected_bytes_ ? State::complete : State::incomplete;
}

Answer::State Answer::feed_http2() {
  while (unread_.size() >= kFrameHead) {
    const std::string_view head = std::string_view(unread_).substr(0, kFrameHead);
    const std::size_t length = big_endian(head.substr(0, 3));
    if (unread_.size() < kFrameHead + length) return State::incomplete;
    const State state = frame(static_cast<std::uint8_t>(head[3]), static_cast<std::uint8_t>(head[4]),
                              big_endian(head.substr(5, 4)) & 0x7fffffff,
                              std::string_view(unread_).substr(kFrameHead, length));
    unread_.erase(0, kFrameHead + length);
    if (state != State::incomplete) return state;
  }
  return State::incomplete;
}

Answer::State Answer::frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                            std::string_view payload) {
  if (type == kSettings && !(flags & kAck)) append_frame(reply_, kSettings, kAck, 0, "");
  if (type == kReset) return wrong("RST_STREAM");
  if (type == kGoAway) return wrong("GOAWAY");
  if (stream != 1) return State::incomplete;
  if (type == kHeaders && !head_done_) {
    // A change of the dynamic table's size may stand in front (RFC 7541 6.3); 0x88 is `:status: 200` of the
    // static table.
    std::size_t at = 0;
    while (at < payload.size() && (static_cast<unsigned char>(payload[at]) & 0xe0) == 0x20) {
      const bool long_form = (payload[at] & 0x1f) == 0x1f;
      ++at;
      if (long_form)
        while (at < payload.size() && (static_cast<unsigned char>(payload[at++]) & 0x80)) continue;
    }
    if (at >= payload.size() || static_cast<unsigned char>(payload[at]) != 0x88)
      return wrong("status is not 200");
    head_done_ = true;
  }
  if (type == kData) {
    if (flags & kPadded) return wrong("padded DATA");
    body_bytes_ += payload.size();
  }
  const bool ends = (type == kData || type == kHeaders) && (flags & kEndStream);
  return ends && head_done_ ? State::complete : State::incomplete;
}

}  // namespace sally::bench
