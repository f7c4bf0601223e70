// upstream/address.h - where a backend is, as it is written in a configuration.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sally::upstream {

/// "127.0.0.1:3000", "app.internal:3000", "http://[::1]:3000", "https://app.internal",
/// "h2c://127.0.0.1:50051", "unix:/run/app.sock" or "h2c+unix:/run/app.sock"; for what is not HTTP also
/// "tls://127.0.0.1:993" or "starttls://127.0.0.1:143".
struct Address {
  std::string host;  ///< a name or a numeric address, without brackets; empty for a unix socket
  std::uint16_t port = 0;
  std::string socket_path;  ///< absolute; empty for TCP
  std::string text;         ///< as it is shown: "app.internal:3000", "https://app.internal:443"
  bool secure = false;      ///< by TLS
  bool http2 = false;       ///< HTTP/2 without being asked (RFC 9113 3.3)
  bool raw = false;         ///< written "tls://" or "starttls://": for other protocols than HTTP
  bool starttls = false;    ///< raw, and a dialogue in plain text comes before TLS

  bool operator==(const Address&) const = default;
  /// As Host names it: "app.internal:3000"; "localhost" for a unix socket.
  std::string authority() const;

  /// nullopt if it is none; `why` then says what is wrong, as the end of a sentence.
  static std::optional<Address> parse(std::string_view text, std::string& why);
};

}  // namespace sally::upstream
