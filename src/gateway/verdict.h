// gateway/verdict.h - what came of an order to a running gateway.
#pragma once
#include <functional>
#include <string>

namespace sally::gateway {

/// In words for who gave the order.
struct Verdict {
  bool good = false;
  std::string text;  ///< lines, without an end of line behind the last
};
using Reply = std::move_only_function<void(const Verdict&)>;

}  // namespace sally::gateway
