#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "handler/route_table.h"

namespace {

using namespace sally::handler;

/// What a rule's path says of a decoded path, the slow way.
bool fits(std::string_view rule, std::string_view path, bool& whole, std::size_t& length) {
  whole = !rule.empty() && !rule.ends_with("/*");
  const std::string_view fixed = whole || rule.empty() ? rule : rule.substr(0, rule.size() - 2);
  length = fixed.size();
  if (whole) return path == fixed;
  return path.starts_with(fixed) && (path.size() == fixed.size() || path[fixed.size()] == '/');
}

/// The most specific of `rules` for one reading of a path; rules.size(): none.
std::size_t naive(const std::vector<RouteRule>& rules, std::string_view path,
                  const sally::http::Request& request) {
  std::size_t best = rules.size(), best_length = 0;
  bool best_whole = false;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    bool whole = false;
    std::size_t length = 0;
    if (!fits(rules[i].path, path, whole, length) || !rules[i].admits(request, "192.0.2.1")) continue;
    const bool better =
        best == rules.size() || (whole != best_whole     ? whole
                                 : length != best_length ? length > best_length
                                                         : rules[i].conditions() > rules[best].conditions());
    if (!better) continue;
    best = i;
    best_whole = whole;
    best_length = length;
  }
  return best;
}

std::string_view line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

}  // namespace

/// Lines: the path of a request; then rules, a leading '!' asks for POST, which the request is when its path
/// has an odd length. The compiled table finds what a plain search finds, in each reading.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t n) {
  std::string_view rest(reinterpret_cast<const char*>(input), n);
  sally::http::Request request;
  request.path = line(rest);
  request.method_text = request.path.size() % 2 ? "POST" : "GET";
  request.method = sally::http::method_from(request.method_text);
  std::vector<RouteRule> rules;
  while (!rest.empty() && rules.size() < 32) {
    std::string_view text = line(rest);
    RouteRule rule;
    if (text.starts_with('!')) rule.methods.push_back("POST");
    if (text.starts_with('!')) text.remove_prefix(1);
    if (!text.empty() && !check_route_path(text).empty()) continue;
    rule.path = text;
    rules.push_back(std::move(rule));
  }
  RouteTable table(rules);
  using Kind = RouteTable::Choice::Kind;
  const auto choice = table.choose(request, "192.0.2.1");
  const std::size_t chosen = choice.kind == Kind::rule ? choice.index : rules.size();
  if (!request.path.starts_with('/')) return 0;
  PathReader reader;
  const auto readings = reader.read(request.path);
  if (!readings) {
    if (choice.kind != Kind::refused) std::abort();
    return 0;
  }
  const std::size_t strict = naive(rules, readings->strict, request),
                    lax = naive(rules, readings->lax, request);
  if (choice.kind == Kind::refused ? strict == lax : strict != chosen || lax != chosen) std::abort();
  return 0;
}
