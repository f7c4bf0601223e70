#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/ascii.h"
#include "check/rules/all.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kNoRedirect{"redirect", medium, Grade::a, "Plain http is served and not redirected to https.",
    "Answer every request on the http port with a redirect to https of the same host.", "RFC 9110 15.4"};
constexpr FindingKind kOffHost{"redirect.off_host", low, Grade::a, "The redirect from http leads to another host first, so HSTS never covers this one.",
    "Redirect to https of the same host first.", "RFC 6797 7.2"};
constexpr FindingKind kToHttp{"redirect.downgrade", high, Grade::c, "The https answer redirects to plain http.", "Redirect to an https address.", "RFC 9110 15.4"};
constexpr FindingKind kCookie{"cookie.secure", medium, Grade::a, "A cookie lacks Secure: it travels in clear as soon as one http:// request is made.",
    "Add Secure; HttpOnly; SameSite=Lax to it.", "RFC 6265 4.1.2.5"};
constexpr FindingKind kSessionCookie{"cookie.httponly", low, Grade::a, "A cookie that looks like a session lacks HttpOnly: scripts can read it.", "Add HttpOnly to it.", "RFC 6265 4.1.2.6"};
constexpr FindingKind kSameSite{"cookie.samesite", low, Grade::a, "A cookie says SameSite=None without Secure: browsers drop it.", "Add Secure to it.", "RFC 6265bis 5.7"};
constexpr FindingKind kSniffing{"http.x_content_type_options", info, Grade::a_plus, "X-Content-Type-Options: nosniff is missing.", "Send it with every answer.", "Fetch 3.6"};
constexpr FindingKind kBanner{"http.banner", info, Grade::a_plus, "The server tells its version.", "Send the name without a number (nginx: server_tokens off; Apache: ServerTokens Prod).", ""};
constexpr FindingKind kNoH2{"http.http2", info, Grade::a_plus, "HTTP/2 is not offered.", "Turn it on: pages with many parts load faster.", "RFC 9113"};
// clang-format on

/// The host of an absolute http(s) address; empty: it is relative or something else.
std::string host_of(std::string_view location) {
  const std::size_t scheme = location.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view rest = location.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos && !rest.ends_with(']'))
    rest = rest.substr(0, colon);
  return ascii_lower(rest);
}

bool is_redirect(unsigned status) { return status >= 300 && status < 400; }

void judge_redirect(const Case& c, Findings& out) {
  const auto& plain = c.seen.plain_http;
  if (plain && plain->answer) {
    const HttpAnswer& answer = *plain->answer;
    const std::string* const to = answer.field("location");
    const bool secure = is_redirect(answer.status) && to && ascii_lower(*to).starts_with("https://");
    const bool refuses = answer.status >= 400;  // nothing is served there
    if (!secure && !refuses)
      out.add(kNoRedirect,
              fmt::format("Port {} answers {}{}.", plain->port, answer.status, to ? " to " + *to : ""));
    else if (secure && host_of(*to) != ascii_lower(c.target.server_name()) && !c.target.is_literal)
      out.add(kOffHost, fmt::format("Port {} redirects to {}.", plain->port, *to));
  }
  if (!c.seen.http) return;
  if (const std::string* const to = c.seen.http->field("location");
      to && is_redirect(c.seen.http->status) && ascii_lower(*to).starts_with("http://"))
    out.add(kToHttp, *to + ".");
}

struct Cookie {
  std::string name;
  bool secure = false, http_only = false;
  std::string same_site;
};

Cookie read_cookie(std::string_view line) {
  Cookie out;
  for (bool first = true, more = true; more; first = false) {
    const std::size_t end = line.find(';');
    const std::string_view part = trim(line.substr(0, end));
    const std::string_view name = trim(part.substr(0, part.find('=')));
    if (first)
      out.name = name;
    else if (ascii_iequals(name, "secure"))
      out.secure = true;
    else if (ascii_iequals(name, "httponly"))
      out.http_only = true;
    else if (ascii_iequals(name, "samesite") && part.contains('='))
      out.same_site = ascii_lower(trim(part.substr(part.find('=') + 1)));
    more = end != std::string_view::npos;
    if (more) line.remove_prefix(end + 1);
  }
  return out;
}

void judge_cookies(const HttpAnswer& answer, Findings& out) {
  std::vector<std::string> open, scripted, lost;
  for (const std::string& line : answer.all("set-cookie")) {
    const Cookie cookie = read_cookie(line);
    const std::string name = ascii_lower(cookie.name);
    if (cookie.same_site == "none" && !cookie.secure)
      lost.push_back(cookie.name);
    else if (!cookie.secure)
      open.push_back(cookie.name);
    if (!cookie.http_only && (name.contains("sess") || name.contains("login")))
      scripted.push_back(cookie.name);
  }
  if (!open.empty()) out.add(kCookie, fmt::format("{}.", fmt::join(open, ", ")));
  if (!scripted.empty()) out.add(kSessionCookie, fmt::format("{}.", fmt::join(scripted, ", ")));
  if (!lost.empty()) out.add(kSameSite, fmt::format("{}.", fmt::join(lost, ", ")));
}

}  // namespace

void judge_http(const Case& c, Findings& out) {
  judge_redirect(c, out);
  if (!c.seen.http) return;
  judge_cookies(*c.seen.http, out);
  const std::string* const sniff = c.seen.http->field("x-content-type-options");
  if (!sniff || !ascii_iequals(*sniff, "nosniff"))
    out.add(kSniffing,
            sniff ? *sniff + "." : fmt::format("The answer {} has no such field.", c.seen.http->status));
  if (const std::string* const server = c.seen.http->field("server");
      server && std::ranges::any_of(*server, is_digit))
    out.add(kBanner, *server + ".");
  if (c.seen.handshake && c.seen.handshake->completed && c.seen.handshake->alpn != "h2" && c.seen.strict_alpn)
    out.add(kNoH2, "ALPN does not pick h2.");
}

}  // namespace sally::check
