#include "check/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::check {
namespace {

struct SchemeRow {
  std::string_view name;
  std::uint16_t port;
};
constexpr SchemeRow kSchemes[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}, {"ftp", 21}};

std::uint16_t port_of(std::string_view scheme) {
  const auto* const row = std::ranges::find(kSchemes, scheme, &SchemeRow::name);
  return row == std::end(kSchemes) ? std::uint16_t{0} : row->port;
}

std::string cleaned(std::string_view text) {
  const auto is_edge = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
  std::string out;
  for (const char c : text)
    if (c != '\t' && c != '\n' && c != '\r') out += c;
  return out.substr(0, out.find('#'));
}

/// In lower case; empty: none stands there.
std::string scheme_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text.front())) return {};
  const std::string_view name = text.substr(0, colon);
  const bool sound = std::ranges::all_of(
      name, [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
  return sound ? ascii_lower(name) : std::string();
}

bool is_slash(char c) { return c == '/' || c == '\\'; }

bool read_host(std::string_view text, Url& out) {
  std::size_t end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    out.host = ascii_lower(text.substr(1, close - 1));
    end = close + 1 < text.size() ? close + 1 : std::string_view::npos;
    if (end != std::string_view::npos && text[end] != ':') return false;
    if (!std::ranges::all_of(out.host, [](char c) { return is_hex(c) || c == ':' || c == '.'; }))
      return false;
  } else {
    out.host = ascii_lower(text.substr(0, end));
    constexpr std::string_view kForbidden = " \"<>[]^`{|}%\x7f";
    const auto is_bad = [&](char c) {
      return (static_cast<unsigned char>(c) < ' ') || kForbidden.contains(c);
    };
    if (out.host.empty() || std::ranges::any_of(out.host, is_bad)) return false;
  }
  if (end == std::string_view::npos || end + 1 == text.size()) return true;
  const auto port = parse_number<std::uint16_t>(text.substr(end + 1));
  if (!port) return false;
  out.port = *port;
  return true;
}

/// Without "." and "..", and with everything escaped that has no place in a request line.
std::string clean_path(std::string_view text) {
  const std::size_t question = text.find('?');
  const std::string_view path = text.substr(0, question);
  std::vector<std::string_view> parts;
  bool ends_open = false;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find_first_of("/\\", at), path.size());
    const std::string_view part = path.substr(at, end - at);
    ends_open = part == "." || part == ".." || part.empty();
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (part != "." && (!part.empty() || (at != 0 && end != path.size()))) {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string joined;
  for (const std::string_view part : parts) joined.append("/").append(part);
  if (ends_open || joined.empty()) joined += '/';
  if (question != std::string_view::npos) joined += text.substr(question);
  std::string out;
  for (const char c : joined) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= ' ' || octet >= 0x7f || c == '"' || c == '<' || c == '>')
      out += fmt::format("%{:02X}", octet);
    else
      out += c;
  }
  return out;
}

std::optional<Url> read_authority(std::string scheme, std::string_view rest) {
  Url out{.scheme = std::move(scheme), .host = {}, .port = 0, .path = {}};
  out.port = port_of(out.scheme);
  const std::size_t end = std::min(rest.find_first_of("/\\?"), rest.size());
  std::string_view authority = rest.substr(0, end);
  if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos)
    authority.remove_prefix(user + 1);
  if (!read_host(authority, out)) return std::nullopt;
  out.path = clean_path(rest.substr(end));
  return out;
}

std::optional<Url> read_relative(std::string_view text, const Url& base) {
  if (base.host.empty()) return std::nullopt;
  if (text.size() >= 2 && is_slash(text[0]) && is_slash(text[1]))
    return read_authority(base.scheme, text.substr(2));
  Url out = base;
  if (text.empty()) return out;
  const std::string_view path = std::string_view(base.path).substr(0, base.path.find('?'));
  if (is_slash(text.front()))
    out.path = clean_path(text);
  else if (text.front() == '?')
    out.path = clean_path(fmt::format("{}{}", path, text));
  else
    out.path = clean_path(fmt::format("{}{}", path.substr(0, path.rfind('/') + 1), text));
  return out;
}

}  // namespace

std::string Url::authority() const {
  const std::string shown = host.contains(':') ? "[" + host + "]" : host;
  return port == port_of(scheme) ? shown : fmt::format("{}:{}", shown, port);
}

std::string Url::text() const {
  return host.empty() ? fmt::format("{}:{}", scheme, path)
                      : fmt::format("{}://{}{}", scheme, authority(), path);
}

std::optional<Url> read_url(std::string_view reference, const Url* base) {
  if (reference.size() > kLongestUrl) return std::nullopt;
  const std::string text = cleaned(reference);
  std::string scheme = scheme_of(text);
  if (scheme.empty()) return base ? read_relative(text, *base) : std::nullopt;
  std::string_view rest = std::string_view(text).substr(scheme.size() + 1);
  if (port_of(scheme) == 0) return Url{std::move(scheme), {}, 0, std::string(rest)};
  // "https:page" is relative to a page of https.
  if (base && base->scheme == scheme && (rest.empty() || !is_slash(rest.front())))
    return read_relative(rest, *base);
  while (!rest.empty() && is_slash(rest.front())) rest.remove_prefix(1);
  return read_authority(std::move(scheme), rest);
}

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
         (host.starts_with("127.") &&
          std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; }));
}

}  // namespace sally::check
