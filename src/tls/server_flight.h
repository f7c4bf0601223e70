// tls/server_flight.h - reads what a server answers to a ClientHello, as far as it comes in clear, and names
// strangers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/error.h"

namespace sally::tls {

inline constexpr ErrorKind kBadFlight{"tls.bad_server_flight",
                                      Blame::upstream,
                                      Retry::never,
                                      "the server's handshake breaks the grammar of TLS",
                                      "report the place in the detail to whoever makes the server",
                                      "RFC 8446 4",
                                      50,
                                      0};
inline constexpr ErrorKind kFlightTooLong{"tls.server_flight_too_long",
                                          Blame::upstream,
                                          Retry::never,
                                          "the server's handshake is longer than any real one",
                                          "look for certificates that do not belong into the chain",
                                          "",
                                          -1,
                                          0};

struct HelloExtension {
  std::uint16_t type;
  std::string body;
};

/// ServerHello or HelloRetryRequest (RFC 8446 4.1.3, 4.1.4), or the SERVER-HELLO of SSL 2.0.
struct ServerHello {
  std::uint16_t version = 0;  ///< selected: supported_versions counts before legacy_version
  std::uint16_t suite = 0;
  std::uint8_t compression = 0;
  bool retry_request = false;
  std::string random, session_id;
  std::vector<HelloExtension> extensions;
  std::vector<std::uint32_t> ssl2_kinds;  ///< cipher kinds of SSL 2.0

  const HelloExtension* extension(std::uint16_t type) const;
  /// The group of key_share; 0: none.
  std::uint16_t group() const;
  /// The protocol of ALPN; empty: none.
  std::string alpn() const;
  /// The last 8 bytes of random say that the server knows a newer version than it chose (RFC 8446 4.1.3):
  /// the version that it could speak, 0x0304 or 0x0303; 0: no such mark.
  std::uint16_t downgrade_mark() const;
};

/// ServerKeyExchange of TLS 1.2 and before (RFC 8422 5.4, RFC 5246 7.4.3).
struct ServerKeyExchange {
  std::uint16_t group = 0;                ///< of ECDHE; 0: none, or an explicit curve
  unsigned dh_bits = 0;                   ///< size of the prime of DHE; 0: no DHE
  std::uint16_t signature_algorithm = 0;  ///< TLS 1.2 only; 0: unknown
  std::string dh_prime;                   ///< of DHE, without leading zeros
  std::string public_value;               ///< the server's half of the key exchange, as sent
};

struct ServerAlert {
  std::uint8_t level = 0;
  std::uint8_t description = 0;
};

/// Who speaks where TLS was expected.
enum class Stranger : std::uint8_t { none, http, ssh, smtp_or_ftp, imap, pop3, mysql, text, unknown };

struct ServerFlight {
  std::optional<ServerHello> hello;
  std::vector<std::string> certificates;  ///< DER, in the server's order; TLS 1.2 and before
  std::optional<ServerKeyExchange> key_exchange;
  bool certificate_requested = false;
  bool stapled = false;     ///< CertificateStatus came
  bool hello_done = false;  ///< ServerHelloDone came
  std::size_t sealed = 0;   ///< bytes of encrypted records behind the ServerHello, as far as was read
  std::optional<ServerAlert> alert;
  Stranger stranger = Stranger::none;
  std::string banner;  ///< of a stranger: the first line, printable, at most 120 bytes
};

/// "handshake_failure"; "alert 99" for one without a name (RFC 8446 6).
std::string alert_name(std::uint8_t description);

struct FlightLimits {
  std::size_t bytes = 256 * 1024;  ///< of the whole flight
  std::size_t certificates = 32;
};

/// Bytes in, facts out. Feed it what arrives until it is done or fails.
class FlightReader {
 public:
  /// How far to read: most questions are answered by the first message. `sealed` goes on behind a ServerHello
  /// of TLS 1.3 until a certificate could have come: an alert there would be short.
  enum class Until : std::uint8_t { hello, hello_done, sealed };
  /// Encrypted bytes that are more than what can stand before a refusal.
  static constexpr std::size_t kSealedEnough = 256;

  explicit FlightReader(Until until, FlightLimits limits = {})
      : until_(until), limits_(limits), records_(limits.bytes), messages_(limits.bytes) {}

  /// True: done, because what was wanted came, an alert ended it, the rest is encrypted, or a stranger
  /// speaks. Errors: tls.bad_server_flight, tls.server_flight_too_long, base.truncated. source  RFC 8446 5.1;
  /// RFC 5246 7.4; SSL 2.0 for its SERVER-HELLO
  Result<bool> feed(Bytes bytes);
  /// The stream has ended: a stranger whose greeting is shorter than a record's header is named now.
  void end();

  const ServerFlight& flight() const { return flight_; }
  ServerFlight take() { return std::move(flight_); }

 private:
  Result<bool> take_records();
  Result<bool> take_messages();
  Result<bool> read_message(std::uint8_t type, Bytes body, std::uint64_t offset);
  Result<> read_hello(Bytes body, std::uint64_t offset);
  Result<> read_certificates(Bytes body, std::uint64_t offset);
  void read_key_exchange(Bytes body);
  Result<bool> read_ssl2(Bytes in);
  Result<bool> read_stranger(Bytes in);

  Until until_;
  FlightLimits limits_;
  std::size_t fed_ = 0;
  Buffer records_, messages_;
  ServerFlight flight_;
  bool done_ = false;
};

}  // namespace sally::tls
