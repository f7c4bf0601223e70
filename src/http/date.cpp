#include "http/date.h"

#include <ctime>

namespace sally::http {
namespace {

constexpr const char* kForms[] = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                  "%a %b %e %H:%M:%S %Y"};

}  // namespace

std::string format_date(std::int64_t unix_seconds) {
  const auto t = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  char text[32];
  if (gmtime_r(&t, &utc) == nullptr) return {};
  const std::size_t n = std::strftime(text, sizeof text, kForms[0], &utc);
  return {text, n};
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  if (text.size() > 40) return std::nullopt;
  const std::string copy(text);
  for (const char* form : kForms) {
    std::tm utc{};
    const char* const end = strptime(copy.c_str(), form, &utc);
    if (end == nullptr || *end != '\0') continue;
    return static_cast<std::int64_t>(timegm(&utc));
  }
  return std::nullopt;
}

}  // namespace sally::http
