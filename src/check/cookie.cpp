#include "check/cookie.h"

#include <algorithm>

#include "base/ascii.h"

namespace sally::check {
namespace {

constexpr std::size_t kLongestPair = 4096, kLongestAttribute = 1024;  ///< bytes, RFC 6265bis 5.6

Cookie::SameSite same_site_of(std::string_view value) {
  if (ascii_iequals(value, "none")) return Cookie::SameSite::none;
  if (ascii_iequals(value, "lax")) return Cookie::SameSite::lax;
  if (ascii_iequals(value, "strict")) return Cookie::SameSite::strict;
  return Cookie::SameSite::unknown;
}

void read_attribute(std::string_view part, Cookie& out) {
  const std::size_t equals = part.find('=');
  const std::string_view name = trim(part.substr(0, equals));
  std::string_view value =
      equals == std::string_view::npos ? std::string_view() : trim(part.substr(equals + 1));
  if (value.size() > kLongestAttribute) return;
  if (ascii_iequals(name, "secure")) out.secure = true;
  if (ascii_iequals(name, "httponly")) out.http_only = true;
  if (ascii_iequals(name, "partitioned")) out.partitioned = true;
  if (ascii_iequals(name, "samesite")) out.same_site = same_site_of(value);
  if (ascii_iequals(name, "path")) out.path = value.starts_with('/') ? value : "";
  if (ascii_iequals(name, "max-age") || ascii_iequals(name, "expires")) out.lasting = true;
  if (ascii_iequals(name, "domain")) {
    if (value.starts_with('.')) value.remove_prefix(1);
    out.domain = ascii_lower(value);
  }
}

bool belongs_to(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

bool has_prefix(std::string_view name, std::string_view prefix) {
  return ascii_iequals(name.substr(0, prefix.size()), prefix);
}

std::string why_dropped(const Cookie& c, std::string_view host) {
  if (!c.domain.empty() && !belongs_to(host, c.domain)) return "Domain=" + c.domain + " is not the host's";
  if (c.same_site == Cookie::SameSite::none && !c.secure) return "SameSite=None without Secure";
  if (c.partitioned && !c.secure) return "Partitioned without Secure";
  if (has_prefix(c.name, "__Secure-") && !c.secure) return "__Secure- without Secure";
  if (!has_prefix(c.name, "__Host-")) return {};
  if (!c.secure) return "__Host- without Secure";
  if (!c.domain.empty()) return "__Host- with Domain";
  return c.path == "/" ? "" : "__Host- without Path=/";
}

bool contains_one_of(std::string_view name, std::initializer_list<std::string_view> words) {
  const std::string lower = ascii_lower(name);
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.contains(word); });
}

}  // namespace

bool Cookie::is_session() const { return contains_one_of(name, {"login", "sess"}) && !is_anti_csrf(); }
bool Cookie::is_anti_csrf() const { return contains_one_of(name, {"csrf", "xsrf"}); }

Cookie read_cookie(std::string_view line, std::string_view host) {
  Cookie out;
  const std::size_t end = std::min(line.find(';'), line.size());
  const std::string_view pair = line.substr(0, end);
  const std::size_t equals = pair.find('=');
  const bool named = equals != std::string_view::npos;
  out.name = trim(pair.substr(0, named ? equals : 0));
  for (std::string_view rest = line.substr(end); !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t next = std::min(rest.find(';'), rest.size());
    read_attribute(rest.substr(0, next), out);
    rest.remove_prefix(next);
  }
  const std::string_view value = trim(named ? pair.substr(equals + 1) : pair);
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  };
  if (out.name.empty() && value.empty())
    out.dropped = "it has neither name nor value";
  else if (out.name.size() + value.size() > kLongestPair)
    out.dropped = "it is longer than 4096 bytes";
  else if (std::ranges::any_of(pair, is_control))
    out.dropped = "it holds a control character";
  else
    out.dropped = why_dropped(out, host);
  return out;
}

}  // namespace sally::check
