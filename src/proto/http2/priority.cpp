#include "proto/http2/priority.h"

#include <algorithm>

#include "base/ascii.h"

namespace sally::http2 {

void apply_priority(std::string_view text, Priority& to) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    item = trim(item.substr(0, std::min(item.find(';'), item.size())));
    if (item.size() == 3 && item.starts_with("u=") && item[2] >= '0' && item[2] <= '7')
      to.urgency = static_cast<std::uint8_t>(item[2] - '0');
    else if (item == "i" || item == "i=?1")
      to.incremental = true;
    else if (item == "i=?0")
      to.incremental = false;
  }
}

}  // namespace sally::http2
