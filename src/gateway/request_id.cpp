#include "gateway/request_id.h"

#include <cstdint>

#include "crypto/entropy.h"

namespace sally::gateway {
namespace {

constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";  // none that is read as another one

}  // namespace

std::string_view RequestIds::next() {
  if (used_ == random_.size()) {
    crypto::fill_random(random_);
    used_ = 0;
  }
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (char& letter : text_) {
    if (have < 5) {
      bits = bits << 8 | std::to_integer<std::uint32_t>(random_[used_++]);
      have += 8;
    }
    have -= 5;
    letter = kLetters[bits >> have & 31];
  }
  return {text_.data(), text_.size()};
}

}  // namespace sally::gateway
