// config/rate.h - how often something may happen: so many at once, then so many a second.
#pragma once
#include <cstdint>

namespace sally::config {

/// A token bucket's two numbers; written "200 + 20/s" in a configuration.
struct Rate {
  std::uint32_t burst = 0;       ///< events that may come at once: what the full bucket holds
  std::uint32_t per_second = 0;  ///< events a second that fill it up again

  bool operator==(const Rate&) const = default;
};

}  // namespace sally::config
