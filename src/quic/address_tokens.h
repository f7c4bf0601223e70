// quic/address_tokens.h - tokens that prove that a client receives what is sent to its address.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/owned.h"
#include "net/socket_address.h"

namespace sally::quic {

/// Made with a secret of this process. Thread-safe: constant once made. Source: RFC 9000 8.1.
class AddressTokens {
 public:
  static constexpr std::chrono::seconds kRetryLife{10};         ///< a round trip and some
  static constexpr std::chrono::seconds kLaterLife{24 * 3600};  ///< of one for a later connection
  /// The longest that is made.
  static constexpr std::size_t kMost = 96;

  AddressTokens();

  /// For a Retry packet: bound to address and port, and to the id that the client chose first.
  /// now  seconds since 1970.  first_id  at most 20 bytes.
  std::string for_retry(const SocketAddress& client, Bytes first_id, std::int64_t now) const;
  /// The id that the client chose first; nullopt: not ours, too old, or of another address.
  std::optional<std::string> open_retry(std::string_view token, const SocketAddress& client,
                                        std::int64_t now) const;
  /// For a NEW_TOKEN frame: bound to the address, not to the port (RFC 9000 8.1.3).
  std::string for_later(const SocketAddress& client, std::int64_t now) const;
  bool opens_later(std::string_view token, const SocketAddress& client, std::int64_t now) const;
  /// Whether it looks like one of a Retry: then one that cannot be opened is an error (RFC 9000 8.1.2).
  static bool is_of_retry(std::string_view token) { return !token.empty() && token[0] == kRetry; }

 private:
  static constexpr char kRetry = '\x01', kLater = '\x02';
  std::string make(char kind, std::string_view place, std::string_view what, std::int64_t now) const;
  std::optional<std::string> open(char kind, std::string_view token, std::string_view place,
                                  std::chrono::seconds life, std::int64_t now) const;

  crypto::EvpAeadCtx key_;
};

}  // namespace sally::quic
