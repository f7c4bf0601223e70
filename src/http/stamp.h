// http/stamp.h - what every answer of a core carries beside its own fields: the date and the server's name.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "http/date.h"

namespace sally::http {

/// One for each core; its owner sets `unix_now` and `now` in each turn of the loop. Codecs only read it.
struct Stamp {
  DateCache& date;
  std::int64_t unix_now = 0;  ///< seconds since 1970
  std::string_view server;    ///< value of the `server` field; empty: no such field
  TimePoint now{};            ///< becomes Exchange::began

  std::string_view date_text() const { return date.at(unix_now); }
};

}  // namespace sally::http
