// gateway/log_fields.h - members of a line of the access log in JSON.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/escape.h"

namespace sally::gateway {

inline constexpr std::size_t kLongestLogText = 1024;  ///< bytes; what is longer is cut

/// With the comma in front of it; nothing for an empty text.
inline void append_log_field(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  out.append(",\"").append(key).append("\":\"");
  append_json_ascii(out, text.substr(0, kLongestLogText));
  out += '"';
}

}  // namespace sally::gateway
