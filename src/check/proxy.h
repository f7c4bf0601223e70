// check/proxy.h - how a connection is opened through a proxy: HTTP CONNECT and SOCKS5, as bytes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/error.h"

namespace sally::check {

// clang-format off
inline constexpr ErrorKind kBadProxy{"check.bad_proxy", Blame::operator_config, Retry::never,
    "this is no address of a proxy", "write it like http://proxy.example:3128 or socks5://user:password@127.0.0.1:1080",
    "", -1, 0};
inline constexpr ErrorKind kProxyUnreachable{"check.proxy_unreachable", Blame::operator_config, Retry::later,
    "the proxy itself cannot be reached", "correct --proxy, or start the proxy", "", -1, 0};
inline constexpr ErrorKind kProxyRefused{"check.proxy_refused", Blame::upstream, Retry::never,
    "the proxy does not open a connection to the target", "ask who runs it to allow this host and port", "RFC 9110 9.3.6",
    -1, 0};
inline constexpr ErrorKind kProxyLogin{"check.proxy_login", Blame::operator_config, Retry::never,
    "the proxy wants a login, or refuses the one that was given", "name user and password with --proxy-login",
    "RFC 9110 15.5.8, RFC 1929", -1, 0};
inline constexpr ErrorKind kProxyStrange{"check.proxy_strange", Blame::upstream, Retry::never,
    "what answers there speaks another protocol than that of a proxy", "correct --proxy: scheme and port", "RFC 1928",
    -1, 0};
// clang-format on

struct Proxy {
  enum class Kind : std::uint8_t { http, socks5 };
  Kind kind = Kind::http;
  std::string host;
  std::uint16_t port = 0;
  std::string user, password;

  /// "http://proxy.example:3128": without user and password.
  std::string text() const;
};

/// "http://[USER:PASSWORD@]HOST[:PORT]", "socks5://..." (also socks5h): names are always looked up by the
/// proxy. A part may hold percent escapes. Without a port it is 3128 or 1080. Errors: check.bad_proxy.
Result<Proxy> parse_proxy(std::string_view text);

/// The client's part until the tunnel is open.
class ProxyOpening {
 public:
  ProxyOpening(const Proxy& proxy, std::string host, std::uint16_t port)
      : proxy_(proxy), host_(std::move(host)), port_(port) {}

  /// What is to be sent first.
  std::string begin();
  struct Step {
    std::string send;   ///< may be empty
    bool open = false;  ///< the tunnel stands; what is left in `in` came through it
  };
  /// Takes what came; with neither `send` nor `open` more is needed. Errors: check.proxy_refused,
  /// check.proxy_login, check.proxy_strange; net.connect_refused, net.unreachable and net.connect_timeout of
  /// the target, as SOCKS tells them.
  Result<Step> step(Buffer& in);

 private:
  enum class State : std::uint8_t { connect, greeting, login, request };
  Result<Step> connect_answer(Buffer& in);
  Result<Step> socks_method(Buffer& in);
  Result<Step> socks_login(Buffer& in);
  Result<Step> socks_reply(Buffer& in);
  std::string socks_request();

  const Proxy& proxy_;
  std::string host_;
  std::uint16_t port_;
  State state_ = State::connect;
};

}  // namespace sally::check
