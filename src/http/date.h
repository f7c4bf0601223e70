// http/date.h - dates as HTTP writes them (RFC 9110 5.6.7): IMF-fixdate out, all three forms in.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sally::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT" for seconds since 1970.
std::string format_date(std::int64_t unix_seconds);
/// Seconds since 1970; nullopt if it is no date. Takes IMF-fixdate, RFC 850 and asctime forms.
std::optional<std::int64_t> parse_date(std::string_view text);

/// The text of now, made at most once a second. One for each core.
class DateCache {
 public:
  std::string_view at(std::int64_t unix_seconds) {
    if (unix_seconds != made_) {
      text_ = format_date(unix_seconds);
      made_ = unix_seconds;
    }
    return text_;
  }

 private:
  std::int64_t made_ = -1;
  std::string text_;
};

}  // namespace sally::http
