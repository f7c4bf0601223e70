#include "upstream/address.h"

#include <sys/un.h>

#include "base/ascii.h"
#include "http/target.h"

namespace sally::upstream {
namespace {

constexpr std::string_view kUnix = "unix:", kUnixHttp2 = "h2c+unix:";

struct Scheme {
  std::string_view text;
  std::uint16_t port;  ///< where none is written; 0: one must be
  bool secure = false, http2 = false, raw = false, starttls = false;
};
constexpr Scheme kSchemes[] = {
    {.text = "http://", .port = 80},
    {.text = "https://", .port = 443, .secure = true},
    {.text = "h2c://", .port = 80, .http2 = true},
    {.text = "tls://", .port = 0, .secure = true, .raw = true},
    {.text = "starttls://", .port = 0, .secure = true, .raw = true, .starttls = true}};

std::optional<Address> unix_socket(std::string_view path, bool http2, std::string& why) {
  if (!path.starts_with('/') || path.find('\0') != path.npos) {
    why = "needs an absolute path: \"unix:/run/app.sock\"";
    return std::nullopt;
  }
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    why = "is longer than the path of a socket can be (107 bytes)";
    return std::nullopt;
  }
  Address a;
  a.socket_path = path;
  a.text = std::string(http2 ? kUnixHttp2 : kUnix).append(path);
  a.http2 = http2;
  return a;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text, std::string& why) {
  if (text.starts_with(kUnix)) return unix_socket(text.substr(kUnix.size()), false, why);
  if (text.starts_with(kUnixHttp2)) return unix_socket(text.substr(kUnixHttp2.size()), true, why);
  std::string_view rest = text;
  const Scheme* scheme = nullptr;
  if (const std::size_t colon = rest.find("://"); colon != rest.npos) {
    for (const Scheme& s : kSchemes)
      if (ascii_iequals(rest.substr(0, colon + 3), s.text)) scheme = &s;
    if (scheme == nullptr) {
      why =
          "has a scheme that is not spoken to backends; write \"http://host:port\", \"https://host\" or "
          "\"h2c://host:port\"";
      return std::nullopt;
    }
    rest.remove_prefix(colon + 3);
    if (rest.ends_with('/')) rest.remove_suffix(1);
  }
  Address a;
  if (!http::parse_authority(rest, a.host, a.port)) {
    why = rest.find('/') != rest.npos ? "has a path; a backend is only a host and a port"
                                      : "is no address; write \"host:port\" or \"unix:/path\"";
    return std::nullopt;
  }
  if (scheme != nullptr) {
    a.secure = scheme->secure;
    a.http2 = scheme->http2;
    a.raw = scheme->raw;
    a.starttls = scheme->starttls;
    if (a.port == 0) a.port = scheme->port;
  }
  if (a.port == 0) {
    why = "has no port; write \"" + a.host + ":3000\"";
    return std::nullopt;
  }
  std::string_view shown;
  if (scheme != nullptr && (a.secure || a.http2)) shown = scheme->text;
  a.text = std::string(shown) + a.authority();
  return a;
}

std::string Address::authority() const {
  if (!socket_path.empty()) return "localhost";
  const bool v6 = host.find(':') != host.npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace sally::upstream
