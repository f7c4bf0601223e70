#include "check/hsts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::check {
namespace {

bool is_token(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) {
    return is_alpha(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

/// The text of a quoted-string or of a token; nullopt: neither.
std::optional<std::string_view> plain_value(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
    return value.contains('"') || value.contains('\\') ? std::nullopt : std::optional(value);
  }
  return is_token(value) ? std::optional(value) : std::nullopt;
}

void read_directive(std::string_view directive, std::vector<std::string>& seen, Hsts& out) {
  const std::size_t equals = directive.find('=');
  const std::string name = ascii_lower(trim(directive.substr(0, equals)));
  std::optional<std::string_view> value;
  const bool has_value = equals != std::string_view::npos;
  if (has_value) value = plain_value(trim(directive.substr(equals + 1)));
  if (!is_token(name) || (has_value && !value)) {
    out.faults.push_back(fmt::format("\"{}\" is no directive.", directive));
    return;
  }
  if (std::ranges::find(seen, name) != seen.end()) {
    out.faults.push_back(fmt::format("{} is there twice.", name));
    return;
  }
  seen.push_back(name);
  if (name == "max-age") {
    if (value) out.max_age = parse_number<std::uint64_t>(*value);
    if (!out.max_age)
      out.faults.push_back(value ? fmt::format("max-age is \"{}\", which is no number of seconds.", *value)
                                 : "max-age has no value.");
  } else if (name == "includesubdomains" || name == "preload") {
    if (has_value) out.faults.push_back(fmt::format("{} takes no value.", name));
    (name == "preload" ? out.preload : out.include_subdomains) = !has_value;
  }
}

}  // namespace

bool Hsts::preload_ready() const { return valid() && *max_age >= 31536000 && include_subdomains && preload; }

Hsts parse_hsts(std::string_view value) {
  Hsts out;
  std::vector<std::string> seen;
  std::string_view rest = value;
  for (bool more = true; more;) {
    const std::size_t end = rest.find(';');
    const std::string_view directive = trim(rest.substr(0, end));
    // RFC 6797 6.1: [ directive ] *( ";" [ directive ] ), so empty ones are allowed.
    if (!directive.empty() && seen.size() < 32) read_directive(directive, seen, out);
    more = end != std::string_view::npos;
    if (more) rest.remove_prefix(end + 1);
  }
  if (std::ranges::find(seen, "max-age") == seen.end()) out.faults.push_back("max-age is missing.");
  return out;
}

}  // namespace sally::check
