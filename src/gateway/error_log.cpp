#include "gateway/error_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace sally::gateway {

void ErrorLog::say(LogLevel level, std::string_view text) {
  if (!wants(level)) return;
  static constexpr std::array<std::string_view, 4> kWords = {"error", "warning", "notice", "debug"};
  const auto now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  std::string line = fmt::format(
      "{:%Y-%m-%dT%H:%M:%S}.{:03}Z {}: ", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
      std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds).count(),
      kWords[static_cast<std::size_t>(level)]);
  // A line stays a line whatever a client sent: control bytes are shown, not obeyed.
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      line += fmt::format("\\x{:02x}", byte);
    else
      line += c;
  }
  line += '\n';
  file_->append(line);
}

void ErrorLog::say_lines(LogLevel level, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) say(level, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace sally::gateway
