#include "proto/http3/control_frames.h"

#include <algorithm>
#include <string_view>

namespace sally::http3 {
namespace {

constexpr std::uint64_t kControl = 0x00;
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

}  // namespace

/// False: the frame is too long to be held.
bool ControlFrames::end_of_head() {
  std::string_view rest = kept_;
  const auto type = take_integer(rest);
  const auto length = type ? take_integer(rest) : std::nullopt;
  if (!length) return true;
  const bool hold = *type == kPriorityOfRequest || *type == kPriorityOfPush;
  if (hold && *length > kMost) return false;
  left_ = *length;
  at_ = left_ == 0 ? At::head : hold ? At::held : At::free;
  if (at_ == At::held) return true;
  out_ += kept_;
  kept_.clear();
  return true;
}

std::optional<Bytes> ControlFrames::pass(Bytes bytes) {
  if (at_ == At::other) return bytes;
  out_.clear();
  for (std::string_view in = as_text(bytes); !in.empty();) {
    const bool in_payload = at_ == At::held || at_ == At::free;
    const std::size_t n =
        in_payload ? static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size())) : 1;
    (at_ == At::free || at_ == At::other ? out_ : kept_).append(in.substr(0, n));
    in.remove_prefix(n);
    if (at_ == At::type) {
      std::string_view rest = kept_;
      const auto type = take_integer(rest);
      if (!type) continue;
      at_ = *type == kControl ? At::head : At::other;
      out_ += kept_;
      kept_.clear();
    } else if (at_ == At::head) {
      if (!end_of_head()) return std::nullopt;
    } else if (in_payload && (left_ -= n) == 0) {
      out_ += kept_;
      kept_.clear();
      at_ = At::head;
    }
  }
  return as_bytes(std::string_view(out_));
}

}  // namespace sally::http3
