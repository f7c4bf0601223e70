// tls/hello_builder.h - writes any ClientHello byte by byte, so that nothing depends on what a library
// offers.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sally::tls {

inline constexpr std::uint16_t kSsl3 = 0x0300, kTls10 = 0x0301, kTls11 = 0x0302, kTls12 = 0x0303,
                               kTls13 = 0x0304;
inline constexpr std::uint16_t kRenegotiationScsv = 0x00ff;  ///< RFC 5746 3.3
inline constexpr std::uint16_t kFallbackScsv = 0x5600;       ///< RFC 7507

/// "SSL 3.0", "TLS 1.2"; "0x7f1c" for what has no name.
std::string version_name(std::uint16_t version);

/// What to offer. An empty list leaves the extension out.
struct HelloOffer {
  std::uint16_t legacy_version = kTls12;      ///< RFC 8446 4.1.2: the highest version before 1.3
  std::vector<std::uint16_t> versions;        ///< supported_versions, RFC 8446 4.2.1
  std::vector<std::uint16_t> suites;          ///< with signalling values, in order of preference
  std::vector<std::uint8_t> compressions{0};  ///< 0 null, 1 deflate (RFC 3749)
  std::string server_name;                    ///< empty: none; never an address (RFC 6066 3)
  std::vector<std::uint16_t> groups;          ///< supported_groups, RFC 8446 4.2.7
  bool empty_key_share = false;  ///< asks for a HelloRetryRequest, which costs nobody a key (RFC 8446 4.2.8)
  bool made_up_key_share =
      false;  ///< X25519 and P-256 shares whose keys nobody knows: the answer stays sealed
  std::vector<std::uint16_t> signature_algorithms;
  std::vector<std::string> alpn;
  bool session_ticket = false;          ///< RFC 5077, empty
  bool extended_master_secret = false;  ///< RFC 7627
  bool encrypt_then_mac = false;        ///< RFC 7366
  bool renegotiation_info = false;      ///< RFC 5746
  std::string verify_data;              ///< goes into renegotiation_info: of the handshake before this one
  bool status_request = false;          ///< OCSP stapling, RFC 6066 8
  bool heartbeat = false;               ///< RFC 6520: this client may be sent requests
  bool session_id = true;               ///< 32 random bytes, as TLS 1.3 sends them through middleboxes
  std::size_t pad_to = 0;               ///< bytes of the message that padding fills up to (RFC 7685)

  /// All signature algorithms that have a number, the broken ones too.
  static std::vector<std::uint16_t> every_signature_algorithm();
};

/// One handshake record with the whole ClientHello, random fields fresh. SSL 3.0 offers get no extensions at
/// all. Lists that do not fit their length fields are a bug of the caller; the message stays below 2^14
/// bytes.
///
/// source  RFC 8446 4.1.2, 5.1; RFC 5246 7.4.1.2; RFC 6101 5.6.1.2
std::string build_hello(const HelloOffer& offer);

/// An SSL 2.0 CLIENT-HELLO with all its cipher kinds and a 16-byte challenge (RFC 6176 says: never again).
std::string build_ssl2_hello();

}  // namespace sally::tls
