#include "net/proxy_protocol.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "base/number.h"
#include "base/reader.h"

namespace sally {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::string_view kText = "PROXY ";
constexpr std::size_t kLongestLine = 107;  ///< of version 1, with its end (2.1)

// Version 2, 2.2: version and command, family and transport.
constexpr std::uint8_t kLocal = 0x20, kProxied = 0x21;
constexpr std::uint8_t kTcp4 = 0x11, kTcp6 = 0x21;

Result<std::optional<ProxyHeader>> bad(std::size_t at, std::string_view field) {
  return fail(kBadProxyHeader, WirePos{at, -1, field});
}

std::string_view take_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

/// Decimal, without sign, space or leading zeros (2.1).
std::optional<std::uint16_t> port_of(std::string_view word) {
  if (word.size() > 1 && word.front() == '0') return std::nullopt;
  return parse_number<std::uint16_t>(word);
}

Result<std::optional<ProxyHeader>> read_line(std::string_view in) {
  const std::string_view window = in.substr(0, kLongestLine);
  const std::size_t end = window.find("\r\n");
  if (end == std::string_view::npos) {
    if (window.size() == kLongestLine) return bad(kLongestLine, "line");
    return std::nullopt;
  }
  ProxyHeader out;
  out.size = end + 2;
  std::string_view line = in.substr(kText.size(), end - kText.size());
  const std::string_view family = take_word(line);
  if (family == "UNKNOWN") return out;
  if (family != "TCP4" && family != "TCP6") return bad(kText.size(), "family");
  const std::string_view from = take_word(line), to = take_word(line);
  const auto from_port = port_of(take_word(line)), to_port = port_of(line);
  if (!from_port || !to_port) return bad(end, "port");
  const int wanted = family == "TCP4" ? AF_INET : AF_INET6;
  for (const std::string_view host : {from, to})
    if (host.contains(':') != (wanted == AF_INET6)) return bad(kText.size(), "address");
  out.client = SocketAddress::numeric(from, *from_port);
  out.server = SocketAddress::numeric(to, *to_port);
  if (!out.client || !out.server) return bad(kText.size(), "address");
  return out;
}

SocketAddress address4(Bytes host, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  std::memcpy(&a.sin_addr, host.data(), sizeof a.sin_addr);
  return {reinterpret_cast<const sockaddr*>(&a), sizeof a};
}

SocketAddress address6(Bytes host, std::uint16_t port) {
  sockaddr_in6 a{};
  a.sin6_family = AF_INET6;
  a.sin6_port = htons(port);
  std::memcpy(&a.sin6_addr, host.data(), sizeof a.sin6_addr);
  return {reinterpret_cast<const sockaddr*>(&a), sizeof a};
}

Result<> read_addresses(Bytes body, std::uint8_t family, ProxyHeader& out) {
  const std::size_t host_bytes = family == kTcp4 ? 4 : 16;
  const auto make = family == kTcp4 ? address4 : address6;
  Reader in(body, kSignature.size() + 4);
  TRY(const Bytes from, in.take(host_bytes, "source address"));
  TRY(const Bytes to, in.take(host_bytes, "destination address"));
  TRY(const std::uint16_t from_port, in.u16("source port"));
  TRY(const std::uint16_t to_port, in.u16("destination port"));
  out.client = make(from, from_port);
  out.server = make(to, to_port);
  return {};
}

Result<std::optional<ProxyHeader>> read_binary(Bytes in) {
  constexpr std::size_t kFixed = kSignature.size() + 4;
  if (in.size() < kFixed) return std::nullopt;
  const auto command = std::to_integer<std::uint8_t>(in[12]), family = std::to_integer<std::uint8_t>(in[13]);
  const std::size_t length = std::to_integer<std::size_t>(in[14]) << 8 | std::to_integer<std::size_t>(in[15]);
  if (command != kLocal && command != kProxied) return bad(12, "version and command");
  if (kFixed + length > kLongestProxyHeader) return bad(14, "length");
  if (in.size() < kFixed + length) return std::nullopt;
  ProxyHeader out;
  out.size = kFixed + length;
  // 2.2: what is neither TCP over IPv4 nor over IPv6 has no address that would be of use.
  if (command == kProxied && (family == kTcp4 || family == kTcp6)) {
    if (!read_addresses(in.subspan(kFixed, length), family, out)) return bad(14, "length");
  }
  return out;
}

bool begins(std::string_view in, std::string_view with) {
  const std::size_t n = std::min(in.size(), with.size());
  return in.substr(0, n) == with.substr(0, n);
}

/// The family that both ends share: AF_INET, AF_INET6, or 0. The kernel's mapped addresses count as IPv4.
int shared_family(const SocketAddress& a, const SocketAddress& b) {
  const auto family = [](const SocketAddress& one) {
    if (one.family() != AF_INET && one.family() != AF_INET6) return 0;
    return one.host().contains(':') ? AF_INET6 : AF_INET;
  };
  return family(a) == family(b) ? family(a) : 0;
}

void put16(std::string& out, std::size_t n) {
  out += static_cast<char>(n >> 8);
  out += static_cast<char>(n & 0xff);
}

/// The bytes of an address that reads as `family`.
std::string raw_address(const SocketAddress& address, int family) {
  const SocketAddress plain = SocketAddress::numeric(address.host(), address.port()).value_or(address);
  std::string out(family == AF_INET ? 4 : 16, '\0');
  if (family == AF_INET)
    std::memcpy(out.data(), &reinterpret_cast<const sockaddr_in*>(plain.get())->sin_addr, 4);
  else
    std::memcpy(out.data(), &reinterpret_cast<const sockaddr_in6*>(plain.get())->sin6_addr, 16);
  return out;
}

}  // namespace

Result<std::optional<ProxyHeader>> read_proxy_header(Bytes in) {
  const std::string_view text = as_text(in);
  if (begins(text, kText)) {
    if (text.size() < kText.size()) return std::nullopt;
    return read_line(text);
  }
  if (!begins(text, kSignature)) return bad(0, "signature");
  if (text.size() < kSignature.size()) return std::nullopt;
  return read_binary(in);
}

std::string write_proxy_header(ProxyVersion version, const SocketAddress& client,
                               const SocketAddress& server) {
  const int family = shared_family(client, server);
  if (version == ProxyVersion::v1) {
    if (family == 0) return "PROXY UNKNOWN\r\n";
    return fmt::format("PROXY {} {} {} {} {}\r\n", family == AF_INET ? "TCP4" : "TCP6", client.host(),
                       server.host(), client.port(), server.port());
  }
  std::string out(kSignature);
  out += static_cast<char>(family == 0 ? kLocal : kProxied);
  out += static_cast<char>(family == 0 ? 0 : family == AF_INET ? kTcp4 : kTcp6);
  if (family == 0) {
    put16(out, 0);
    return out;
  }
  const std::string from = raw_address(client, family), to = raw_address(server, family);
  put16(out, from.size() + to.size() + 4);
  out += from;
  out += to;
  put16(out, client.port());
  put16(out, server.port());
  return out;
}

}  // namespace sally
