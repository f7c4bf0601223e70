#include "config/reading.h"

#include <fmt/format.h>

#include <algorithm>

namespace sally::config {
namespace {

constexpr std::size_t kMostLines = 50;

/// `site."a.b".files` without its last name; "" when it has only one.
std::string_view parent(std::string_view key) {
  bool quoted = false;
  for (std::size_t i = key.size(); i-- > 0;) {
    if (key[i] == '"') quoted = !quoted;
    if (key[i] == '.' && !quoted) return key.substr(0, i);
  }
  return {};
}

}  // namespace

std::string Problem::text() const {
  return key.empty() || place.line == 0 ? fmt::format("{}: {}", place.text(), why)
                                        : fmt::format("{}: {}: {}", place.text(), key, why);
}

void Reading::add(const Place& place, std::string_view key, std::string why) {
  const auto line = [](const Problem& p) { return p.place.line == 0 ? UINT32_MAX : p.place.line; };
  Problem problem{place, std::string(key), std::move(why)};
  const auto at = std::ranges::upper_bound(problems_, line(problem), {}, line);
  problems_.insert(at, std::move(problem));
}

std::unexpected<Error> Reading::error() const {
  std::string lines;
  std::size_t count = 0;
  for (const Problem& problem : problems_) {
    if (++count > kMostLines) break;
    if (!lines.empty()) lines += '\n';
    lines += problem.text();
  }
  if (problems_.size() > kMostLines) lines += fmt::format("\nand {} more", problems_.size() - kMostLines);
  return fail(kInvalid, std::move(lines));
}

std::filesystem::path Reading::absolute(const std::filesystem::path& path) const {
  std::error_code ignored;
  const std::filesystem::path whole = std::filesystem::absolute(folder_ / path, ignored);
  return whole.lexically_normal();
}

Place Reading::place_of(std::string_view key) const {
  for (;; key = parent(key)) {
    if (const auto it = places_.find(key); it != places_.end()) return it->second;
    if (key.empty()) return {};
  }
}

Spot Spot::inside(std::string_view key) const {
  return Spot{reading, path.empty() ? written_key(key) : path + "." + written_key(key)};
}

bool Spot::bad(const Node& node, std::string why) const {
  reading.add(node.place, path, std::move(why));
  return false;
}

}  // namespace sally::config
