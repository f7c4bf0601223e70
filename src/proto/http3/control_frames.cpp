#include "proto/http3/control_frames.h"

#include <nghttp3/nghttp3.h>

#include <algorithm>
#include <utility>

namespace sally::http3 {
namespace {

constexpr std::uint64_t kControl = 0x00;
constexpr std::uint64_t kCancelPush = 0x03, kGoaway = 0x07, kMaxPushId = 0x0d;
constexpr std::uint64_t kPriorityOfRequest = 0xf0700, kPriorityOfPush = 0xf0701;

/// Takes a variable-length integer (RFC 9000 16) off the front; nullopt: it is not whole.
std::optional<std::uint64_t> take_integer(std::string_view& from) {
  if (from.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(from.front());
  const std::size_t size = std::size_t{1} << (first >> 6);
  if (from.size() < size) return std::nullopt;
  std::uint64_t value = first & 0x3f;
  for (std::size_t i = 1; i < size; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
  from.remove_prefix(size);
  return value;
}

bool is_priority(std::uint64_t type) { return type == kPriorityOfRequest || type == kPriorityOfPush; }
bool is_number(std::uint64_t type) { return type == kCancelPush || type == kGoaway || type == kMaxPushId; }

}  // namespace

ControlFrames::Fault ControlFrames::end_of_head() {
  std::string_view rest = kept_;
  const auto type = take_integer(rest);
  const auto length = type ? take_integer(rest) : std::nullopt;
  if (!length) return std::nullopt;
  // What comes before SETTINGS is for nghttp3 to refuse.
  const bool number = std::exchange(begun_, true) && is_number(*type);
  if (is_priority(*type) && *length > kMost) return NGHTTP3_H3_EXCESSIVE_LOAD;
  if (number && (*length == 0 || *length > 8)) return NGHTTP3_H3_FRAME_ERROR;
  type_ = *type;
  left_ = *length;
  at_ = left_ == 0 ? At::head : number || is_priority(type_) ? At::held : At::free;
  if (at_ == At::held) return std::nullopt;
  out_ += kept_;
  kept_.clear();
  return std::nullopt;
}

/// Of a frame that is whole.
ControlFrames::Fault ControlFrames::fault_of_number() {
  if (!is_number(type_)) return std::nullopt;
  std::string_view rest = kept_;
  take_integer(rest);
  take_integer(rest);
  const auto number = take_integer(rest);
  // RFC 9114 7.1: nothing may stand behind what a frame is to hold.
  if (!number || !rest.empty()) return NGHTTP3_H3_FRAME_ERROR;
  // RFC 9114 7.2.3: no push was ever promised.
  if (type_ == kCancelPush) return NGHTTP3_H3_ID_ERROR;
  if (type_ == kGoaway) return std::nullopt;
  // RFC 9114 7.2.7: this number never goes down.
  if (*number < std::exchange(pushes_, *number)) return NGHTTP3_H3_ID_ERROR;
  return std::nullopt;
}

/// The next bytes of one part of a frame.
ControlFrames::Fault ControlFrames::take(std::string_view in) {
  const bool in_payload = at_ == At::held || at_ == At::free;
  (at_ == At::free || at_ == At::other ? out_ : kept_).append(in);
  if (at_ == At::type) {
    std::string_view rest = kept_;
    const auto type = take_integer(rest);
    if (!type) return std::nullopt;
    at_ = *type == kControl ? At::head : At::other;
  } else if (at_ == At::head) {
    return end_of_head();
  } else if (!in_payload || (left_ -= in.size()) != 0) {
    return std::nullopt;
  } else {
    if (at_ == At::held) {
      if (const Fault fault = fault_of_number()) return fault;
    }
    at_ = At::head;
  }
  out_ += kept_;
  kept_.clear();
  return std::nullopt;
}

std::expected<Bytes, std::uint64_t> ControlFrames::pass(Bytes bytes) {
  if (at_ == At::other) return bytes;
  out_.clear();
  for (std::string_view in = as_text(bytes); !in.empty();) {
    std::size_t n = 1;
    if (at_ == At::held || at_ == At::free)
      n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
    else if (at_ == At::other)
      n = in.size();
    if (const Fault fault = take(in.substr(0, n))) return std::unexpected(*fault);
    in.remove_prefix(n);
  }
  return as_bytes(std::string_view(out_));
}

}  // namespace sally::http3
