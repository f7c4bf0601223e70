#include "gateway/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::gateway {
namespace {

/// The address in its canonical form; nullopt: it is none of that family.
std::optional<std::string> numeric(int family, std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (::inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return ::inet_ntop(family, bytes.data(), shown.data(), shown.size());
}

Result<std::uint16_t> parse_port(std::string_view text, bool allow_zero) {
  const auto port = parse_number<std::uint16_t>(text);
  if (!port) return fail(kBadListen, fmt::format("\"{}\" is no port, 1..65535", text.substr(0, 20)));
  if (*port == 0 && !allow_zero) return fail(kBadListen, "port 0 is none to be found again");
  return *port;
}

}  // namespace

std::string ListenAddress::text() const {
  if (host.empty()) return std::to_string(port);
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

bool ListenAddress::loopback() const { return host == "::1" || host.starts_with("127."); }

bool ListenAddress::covers(const ListenAddress& other) const {
  if (port != other.port) return false;
  if (host.empty() || host == other.host) return true;
  const bool other_is_v6 = other.host.contains(':');
  return !other.host.empty() && host == (other_is_v6 ? "::" : "0.0.0.0");
}

Result<NameAndPort> split_port(std::string_view text) {
  NameAndPort out;
  std::string_view after;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return fail(kBadListen, "\"[\" has no \"]\"");
    out.name = text.substr(1, end - 1);
    after = text.substr(end + 1);
  } else {
    // More than one colon: an IPv6 address without brackets, so without a port.
    const std::size_t colon = std::ranges::count(text, ':') == 1 ? text.find(':') : text.size();
    out.name = text.substr(0, colon);
    after = text.substr(colon);
  }
  if (after.empty()) return out;
  if (after.front() != ':') return fail(kBadListen, "something other than \":port\" follows \"]\"");
  TRY(out.port, parse_port(after.substr(1), false));
  return out;
}

Result<std::vector<ListenAddress>> parse_listen(std::string_view text, bool allow_port_zero) {
  if (text.starts_with('[') && text.ends_with(']')) return fail(kBadListen, "it has no port");
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) {
    if (text.empty() || !std::ranges::all_of(text, is_digit)) return fail(kBadListen, "it has no port");
    TRY(const std::uint16_t port, parse_port(text, allow_port_zero));
    return std::vector{ListenAddress{"", port}};
  }
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (!brackets && host.contains(':')) return fail(kBadListen, "an IPv6 address needs brackets: [::1]:443");
  TRY(const std::uint16_t port, parse_port(text.substr(colon + 1), allow_port_zero));
  if (brackets) {
    host = host.substr(1, host.size() - 2);
    if (auto v6 = numeric(AF_INET6, host)) return std::vector{ListenAddress{*std::move(v6), port}};
    return fail(kBadListen, "no IPv6 address stands between the brackets");
  }
  if (host.empty()) return std::vector{ListenAddress{"", port}};
  if (ascii_iequals(host, "localhost"))
    return std::vector{ListenAddress{"127.0.0.1", port}, ListenAddress{"::1", port, true}};
  if (auto v4 = numeric(AF_INET, host)) return std::vector{ListenAddress{*std::move(v4), port}};
  return fail(kBadListen, "of names only localhost can be listened on; write the address");
}

}  // namespace sally::gateway
