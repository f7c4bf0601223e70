#include "check/proxy.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/number.h"
#include "check/http_answer.h"
#include "net/connect.h"
#include "net/socket_address.h"

namespace sally::check {
namespace {

constexpr std::size_t kLongestLogin = 255;  ///< bytes of user and of password, RFC 1929 2
constexpr std::uint16_t kHttpPort = 3128, kSocksPort = 1080;

/// RFC 4648 4
std::string base64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      out += at + i > text.size() ? '=' : kLetters[bits >> (18 - 6 * i) & 63];
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto octet = parse_number<unsigned>(text.substr(i + 1, 2), 16);
    if (!octet || i + 2 >= text.size()) return std::nullopt;
    out += static_cast<char>(*octet);
    i += 2;
  }
  return out;
}

unsigned octet_at(const Buffer& in, std::size_t i) { return std::to_integer<unsigned>(in.readable()[i]); }

}  // namespace

std::string Proxy::text() const {
  return fmt::format("{}://{}:{}", kind == Kind::http ? "http" : "socks5",
                     host.contains(':') ? "[" + host + "]" : host, port);
}

Result<Proxy> parse_proxy(std::string_view text) {
  // The detail never repeats the text, which may hold a password.
  Proxy out;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return fail(kBadProxy, "it has no scheme");
  const std::string scheme = ascii_lower(text.substr(0, mark));
  if (scheme == "socks5" || scheme == "socks5h")
    out.kind = Proxy::Kind::socks5;
  else if (scheme != "http")
    return fail(kBadProxy, fmt::format("{} is not a kind of proxy that is known here", scheme.substr(0, 20)));
  std::string_view rest = text.substr(mark + 3);
  rest = rest.substr(0, rest.find('/'));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = rest.substr(0, at);
    const std::size_t colon = login.find(':');
    const auto user = unescaped(login.substr(0, colon));
    const auto password =
        unescaped(colon == std::string_view::npos ? std::string_view() : login.substr(colon + 1));
    if (!user || !password || user->size() > kLongestLogin || password->size() > kLongestLogin)
      return fail(kBadProxy, "user or password");
    out.user = *user;
    out.password = *password;
    rest.remove_prefix(at + 1);
  }
  std::size_t end = rest.starts_with('[') ? rest.find(']') : rest.find(':');
  if (rest.starts_with('[')) {
    if (end == std::string_view::npos) return fail(kBadProxy, "the host");
    out.host = rest.substr(1, end - 1);
    ++end;
  } else {
    end = std::min(end, rest.size());
    out.host = rest.substr(0, end);
  }
  out.port = out.kind == Proxy::Kind::http ? kHttpPort : kSocksPort;
  if (end < rest.size()) {
    const auto port = rest[end] == ':' ? parse_number<std::uint16_t>(rest.substr(end + 1)) : std::nullopt;
    if (!port || *port == 0) return fail(kBadProxy, "the port");
    out.port = *port;
  }
  if (out.host.empty() || out.host.find_first_of(" \t\r\n\"<>") != std::string::npos)
    return fail(kBadProxy, "the host");
  return out;
}

std::string ProxyOpening::begin() {
  if (proxy_.kind == Proxy::Kind::socks5) {
    state_ = State::greeting;
    return proxy_.user.empty() ? std::string("\x05\x01\x00", 3) : std::string("\x05\x02\x00\x02", 4);
  }
  const std::string shown = host_.contains(':') ? "[" + host_ + "]" : host_;
  const std::string login = proxy_.user.empty() ? std::string()
                                                : fmt::format("Proxy-Authorization: Basic {}\r\n",
                                                              base64(proxy_.user + ":" + proxy_.password));
  return fmt::format("CONNECT {0}:{1} HTTP/1.1\r\nHost: {0}:{1}\r\n{2}\r\n", shown, port_, login);
}

Result<ProxyOpening::Step> ProxyOpening::step(Buffer& in) {
  switch (state_) {
    case State::connect:
      return connect_answer(in);
    case State::greeting:
      return socks_method(in);
    case State::login:
      return socks_login(in);
    case State::request:
      break;
  }
  return socks_reply(in);
}

Result<ProxyOpening::Step> ProxyOpening::connect_answer(Buffer& in) {
  std::size_t used = 0;
  const auto answer = read_http_head(as_text(in.readable()), {}, &used);
  if (!answer) return fail(kProxyStrange, answer.error().text());
  if (!*answer) return Step{};
  const unsigned status = (*answer)->status;
  if (status == 407) {
    const std::string* const wanted = (*answer)->field("proxy-authenticate");
    return fail(kProxyLogin, wanted ? fmt::format("it asks for {}", wanted->substr(0, 100)) : "407");
  }
  if (status < 200 || status > 299) return fail(kProxyRefused, fmt::format("it answers {}", status));
  in.consume(used);
  return Step{.send = {}, .open = true};
}

Result<ProxyOpening::Step> ProxyOpening::socks_method(Buffer& in) {
  if (in.size() < 2) return Step{};
  if (octet_at(in, 0) != 5) return fail(kProxyStrange, "no SOCKS5");
  const unsigned method = octet_at(in, 1);
  in.consume(2);
  if (method == 0) {
    state_ = State::request;
    return Step{.send = socks_request()};
  }
  if (method != 2 || proxy_.user.empty()) return fail(kProxyLogin, "no way to log in is common");
  state_ = State::login;
  std::string login("\x01", 1);
  login += static_cast<char>(proxy_.user.size());
  login += proxy_.user;
  login += static_cast<char>(proxy_.password.size());
  login += proxy_.password;
  return Step{.send = std::move(login)};
}

Result<ProxyOpening::Step> ProxyOpening::socks_login(Buffer& in) {
  if (in.size() < 2) return Step{};
  if (octet_at(in, 1) != 0) return fail(kProxyLogin, "user or password is refused");
  in.consume(2);
  state_ = State::request;
  return Step{.send = socks_request()};
}

std::string ProxyOpening::socks_request() {
  std::string out("\x05\x01\x00", 3);
  if (const auto address = SocketAddress::numeric(host_, port_); address && address->family() == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address->get());
    out += '\x01';
    out.append(reinterpret_cast<const char*>(&v4->sin_addr), 4);
  } else if (address && address->family() == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address->get());
    out += '\x04';
    out.append(reinterpret_cast<const char*>(&v6->sin6_addr), 16);
  } else {
    out += '\x03';
    out += static_cast<char>(std::min<std::size_t>(host_.size(), 255));
    out += host_.substr(0, 255);
  }
  out += static_cast<char>(port_ >> 8);
  out += static_cast<char>(port_ & 0xff);
  return out;
}

Result<ProxyOpening::Step> ProxyOpening::socks_reply(Buffer& in) {
  if (in.size() < 5) return Step{};
  if (octet_at(in, 0) != 5) return fail(kProxyStrange, "no SOCKS5");
  switch (octet_at(in, 1)) {
    case 0:
      break;
    case 3:
    case 4:
      return fail(kUnreachable, "says the proxy");
    case 5:
      return fail(kConnectRefused, "says the proxy");
    case 6:
      return fail(kConnectTimeout, "says the proxy");
    default:
      return fail(kProxyRefused, fmt::format("SOCKS5 reply {}", octet_at(in, 1)));
  }
  const unsigned kind = octet_at(in, 3);
  const std::size_t bound = kind == 1 ? 4 : kind == 4 ? 16 : kind == 3 ? octet_at(in, 4) + 1 : 0;
  if (bound == 0) return fail(kProxyStrange, "an address of an unknown kind");
  if (in.size() < 4 + bound + 2) return Step{};
  in.consume(4 + bound + 2);
  return Step{.send = {}, .open = true};
}

}  // namespace sally::check
