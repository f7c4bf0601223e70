// gateway/request_id.h - the name of a request in our logs and at its backend.
#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace sally::gateway {

/// One for each core. Ids are 80 random bits as 16 letters and digits: they sort into nothing, tell nothing
/// of how many requests there are, and nobody can guess one that is not his.
class RequestIds {
 public:
  static constexpr std::size_t kLength = 16;

  /// Good until the next call. Costs ten bytes of the generator's, which is asked for many at once.
  std::string_view next();

 private:
  static constexpr std::size_t kRandom = 10;  ///< bytes of an id: five bits for each letter
  static constexpr std::size_t kAtOnce = 256;

  std::array<std::byte, kRandom * kAtOnce> random_;
  std::size_t used_ = kRandom * kAtOnce;
  std::array<char, kLength> text_;
};

}  // namespace sally::gateway
