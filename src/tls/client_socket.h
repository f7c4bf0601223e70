// tls/client_socket.h - a client's TLS on a socket that does not block: a server is believed only after its
// certificate was verified.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/owned.h"
#include "tls/client_rules.h"

namespace sally::tls {

// clang-format off
inline constexpr ErrorKind kServerNotTrusted{"tls.server_not_trusted", Blame::upstream, Retry::never,
    "the server's certificate does not prove that it is the one that was wanted",
    "name the authority that signed it in tls.ca of the proxy, or the name it was made for in tls.name",
    "RFC 9525 6", -1, 502};
inline constexpr ErrorKind kServerHandshake{"tls.server_handshake_failed", Blame::upstream, Retry::other_upstream,
    "no TLS session with the server came about", "read the reason in the detail; is it a port that speaks TLS?",
    "RFC 8446 6.2", -1, 502};
// clang-format on

/// Not thread-safe. Neither call ever waits.
class ClientSocket {
 public:
  /// `fd` is connected, does not block, and outlives it. Errors: crypto.call_failed.
  /// only_http1  HTTP/2 is not offered, whatever the rules say
  static Result<ClientSocket> make(std::shared_ptr<ClientRules> rules, int fd, bool only_http1 = false);

  enum class Step : std::uint8_t { done, wants_read, wants_write };
  /// Errors: tls.server_not_trusted, tls.server_handshake_failed.
  Result<Step> handshake();

  /// As recv(2): plaintext, 0 after close_notify, or -1 with errno: EAGAIN, or EPROTO for what is no TLS and
  /// for an end without close_notify.
  std::ptrdiff_t read(std::span<std::byte> room);
  /// As send(2): how much was taken, or -1 with errno.
  std::ptrdiff_t write(Bytes plain);
  /// An end or a fault was seen behind the plaintext that read() gave last.
  bool ended() const { return ended_; }
  /// Says close_notify, as far as the kernel takes it now.
  void close();

  std::string_view alpn() const;  ///< "h2", "http/1.1" or empty
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

 private:
  ClientSocket(std::shared_ptr<ClientRules> rules, crypto::Ssl ssl)
      : rules_(std::move(rules)), ssl_(std::move(ssl)) {}

  std::shared_ptr<ClientRules> rules_;
  crypto::Ssl ssl_;
  bool ended_ = false;
  int end_ = 0;  ///< errno of the end; 0: close_notify
};

}  // namespace sally::tls
