#include "handler/route_table.h"

#include <algorithm>

namespace sally::handler {
namespace {

constexpr std::string_view kStar = "/*";
constexpr std::size_t kLongestPath = 1024;

bool has_star(std::string_view path) { return path.empty() || path.ends_with(kStar); }

/// The segments of a path that begins with '/': "/a/" has "a" and "".
class Segments {
 public:
  explicit Segments(std::string_view path) : rest_(path) {}
  bool next(std::string_view& segment) {
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    segment = rest_.substr(0, rest_.find('/'));
    rest_.remove_prefix(segment.size());
    return true;
  }

 private:
  std::string_view rest_;
};

bool admits_method(const std::vector<std::string>& methods, const http::Request& request) {
  if (methods.empty() || std::ranges::find(methods, request.method_text) != methods.end()) return true;
  // RFC 8441 4: what HTTP/1.1 asks of another protocol by GET, HTTP/2 asks by CONNECT.
  const bool as_get = request.method == http::Method::head ||
                      (request.method == http::Method::connect && !request.protocol.empty());
  return as_get && std::ranges::find(methods, "GET") != methods.end();
}

bool admits_field(const FieldRule& rule, const http::Fields& fields) {
  return std::ranges::any_of(fields, [&](const http::Field& f) {
    return f.name == rule.name && (!rule.value || f.value == *rule.value);
  });
}

}  // namespace

std::size_t RouteRule::conditions() const {
  return fields.size() + (methods.empty() ? 0 : 1) + (clients.empty() ? 0 : 1);
}

bool RouteRule::admits(const http::Request& request, std::string_view client) const {
  if (!admits_method(methods, request)) return false;
  if (!std::ranges::all_of(fields, [&](const FieldRule& f) { return admits_field(f, request.fields); }))
    return false;
  if (clients.empty()) return true;
  const auto octets = IpOctets::parse(client);
  return octets && std::ranges::any_of(clients, [&](const AddressRange& r) { return r.contains(*octets); });
}

std::string check_route_path(std::string_view path) {
  if (!path.starts_with('/')) return "must begin with \"/\"";
  if (path.size() > kLongestPath) return "has more than 1024 letters";
  if (path.contains('%')) return "is written as people read it, without % escapes";
  const auto unreadable = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (path.find_first_of("\\;?#") != path.npos || std::ranges::any_of(path, unreadable))
    return "has one of \\ ; ? # or a control character, which no path may have here";
  const std::string_view fixed = has_star(path) ? path.substr(0, path.size() - kStar.size()) : path;
  if (fixed.contains('*')) return "may have a star only as its last segment: \"/api/*\"";
  if (path.contains("//")) return "has two slashes in a row";
  Segments segments(fixed);
  for (std::string_view segment; segments.next(segment);)
    if (segment == "." || segment == "..") return "has \".\" or \"..\" as a segment";
  return "";
}

struct RouteTable::Node {
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::unordered_map<std::string, std::unique_ptr<Node>, Hash, std::equal_to<>> below;
  std::vector<std::uint32_t> exact;    ///< rules that end here, the most specific first
  std::vector<std::uint32_t> starred;  ///< rules whose star stands here, likewise
};

RouteTable::RouteTable(std::vector<RouteRule> rules)
    : rules_(std::move(rules)), root_(std::make_unique<Node>()) {
  for (std::size_t i = 0; i < rules_.size(); ++i) insert(i);
}
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable::~RouteTable() = default;

void RouteTable::insert(std::size_t rule) {
  const std::string_view path = rules_[rule].path;
  const bool starred = has_star(path);
  Node* node = root_.get();
  Segments segments(starred ? path.substr(0, path.size() - std::min(path.size(), kStar.size())) : path);
  for (std::string_view segment; segments.next(segment);) {
    std::unique_ptr<Node>& next = node->below[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  auto& list = starred ? node->starred : node->exact;
  const auto more = [&](std::uint32_t i) { return rules_[i].conditions() >= rules_[rule].conditions(); };
  list.insert(std::ranges::find_if_not(list, more), static_cast<std::uint32_t>(rule));
}

RouteTable::Choice RouteTable::choose(const http::Request& request, std::string_view client) {
  // "*" and the authority of CONNECT are no paths: only rules that hold for any path are left.
  if (!request.path.starts_with('/')) return first_of(root_->starred, 0, request, client);
  const auto readings = reader_.read(request.path);
  if (!readings) return {Choice::Kind::refused};
  const Choice strict = choose_for(readings->strict, request, client);
  if (readings->same()) return strict;
  // Readings between the two find no other rule: the paths with a star that fit the strict reading fit all of
  // them, and those that fit any fit the lax one.
  const Choice lax = choose_for(readings->lax, request, client);
  const bool agree = strict.kind == lax.kind && strict.index == lax.index;
  return agree ? strict : Choice{Choice::Kind::refused};
}

RouteTable::Choice RouteTable::choose_for(std::string_view path, const http::Request& request,
                                          std::string_view client) {
  way_.assign(1, root_.get());
  bool whole = true;
  Segments segments(path);
  for (std::string_view segment; segments.next(segment);) {
    const auto next = way_.back()->below.find(segment);
    whole = next != way_.back()->below.end();
    if (!whole) break;
    way_.push_back(next->second.get());
  }
  if (whole)
    if (const Choice c = first_of(way_.back()->exact, way_.size() - 1, request, client);
        c.kind == Choice::Kind::rule)
      return c;
  for (std::size_t depth = way_.size(); depth-- > 0;)
    if (const Choice c = first_of(way_[depth]->starred, depth, request, client); c.kind == Choice::Kind::rule)
      return c;
  return {};
}

RouteTable::Choice RouteTable::first_of(const std::vector<std::uint32_t>& rules, std::size_t segments,
                                        const http::Request& request, std::string_view client) const {
  for (const std::uint32_t i : rules)
    if (rules_[i].admits(request, client)) return {Choice::Kind::rule, i, segments};
  return {};
}

}  // namespace sally::handler
