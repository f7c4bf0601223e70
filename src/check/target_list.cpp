#include "check/target_list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/ascii.h"

namespace sally::check {

Result<std::vector<Target>> parse_target_list(std::string_view text, const proto::Protocol* protocol) {
  std::vector<Target> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim(line);
    if (line.empty()) continue;
    if (out.size() == kMostTargets)
      return fail(kBadTarget, fmt::format("line {}: more than {} targets", number, kMostTargets));
    auto target = parse_target(line, protocol);
    if (!target) return fail(kBadTarget, fmt::format("line {}: \"{}\"", number, line.substr(0, 200)));
    out.push_back(*std::move(target));
  }
  return out;
}

Finished parse_finished(std::string_view report) {
  Finished out;
  while (out.whole_bytes < report.size()) {
    const std::size_t end = report.find('\n', out.whole_bytes);
    if (end == std::string_view::npos) break;
    const auto line =
        nlohmann::json::parse(report.substr(out.whole_bytes, end - out.whole_bytes), nullptr, false);
    if (!line.is_object() || !line.contains("target") || !line["target"].is_string()) break;
    out.endpoints.insert(line["target"].get<std::string>());
    out.whole_bytes = end + 1;
  }
  return out;
}

}  // namespace sally::check
