// proto/http2/priority.h - the value of a priority field: how urgent, and useful in pieces or only whole.
#pragma once
#include <cstdint>
#include <string_view>

namespace sally::http2 {

struct Priority {
  std::uint8_t urgency = 3;  ///< 0: first, 7: last
  bool incremental = false;
};

/// Changes what `text` names and leaves the rest; what it does not understand it passes over (RFC 9218 4).
void apply_priority(std::string_view text, Priority& to);

}  // namespace sally::http2
