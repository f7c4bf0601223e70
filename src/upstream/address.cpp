#include "upstream/address.h"

#include <sys/un.h>

#include "base/ascii.h"
#include "http/target.h"

namespace sally::upstream {
namespace {

constexpr std::string_view kUnix = "unix:", kHttp = "http://";

std::optional<Address> unix_socket(std::string_view path, std::string& why) {
  if (!path.starts_with('/') || path.find('\0') != path.npos) {
    why = "needs an absolute path: \"unix:/run/app.sock\"";
    return std::nullopt;
  }
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    why = "is longer than the path of a socket can be (107 bytes)";
    return std::nullopt;
  }
  return Address{"", 0, std::string(path), "unix:" + std::string(path)};
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text, std::string& why) {
  if (text.starts_with(kUnix)) return unix_socket(text.substr(kUnix.size()), why);
  std::string_view rest = text;
  bool scheme = false;
  if (const std::size_t colon = rest.find("://"); colon != rest.npos) {
    if (!ascii_iequals(rest.substr(0, colon + 3), kHttp)) {
      why = "has a scheme that is not spoken to backends; write \"http://host:port\"";
      return std::nullopt;
    }
    scheme = true;
    rest.remove_prefix(colon + 3);
    if (rest.ends_with('/')) rest.remove_suffix(1);
  }
  Address a;
  if (!http::parse_authority(rest, a.host, a.port)) {
    why = rest.find('/') != rest.npos ? "has a path; a backend is only a host and a port"
                                      : "is no address; write \"host:port\" or \"unix:/path\"";
    return std::nullopt;
  }
  if (a.port == 0 && scheme) a.port = 80;
  if (a.port == 0) {
    why = "has no port; write \"" + a.host + ":3000\"";
    return std::nullopt;
  }
  const bool v6 = a.host.find(':') != a.host.npos;
  a.text = (v6 ? "[" + a.host + "]" : a.host) + ":" + std::to_string(a.port);
  return a;
}

}  // namespace sally::upstream
