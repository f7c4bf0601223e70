// tls/tls_config.h - the `tls` block: what a client may speak, and what a handshake may cost us.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/block_fwd.h"

namespace sally::tls {

/// As on the wire (RFC 8446 4.2.1). Nothing older exists here.
enum class TlsVersion : std::uint16_t { v1_2 = 0x0303, v1_3 = 0x0304 };

/// As on the wire (IANA "TLS Supported Groups").
enum class Group : std::uint16_t { p256 = 0x0017, p384 = 0x0018, x25519 = 0x001d, x25519_mlkem768 = 0x11ec };

/// A value in hand is valid: every field lies in the range that block() states.
struct TlsConfig {
  TlsVersion min_version = TlsVersion::v1_2;
  /// In our order of preference; never empty, no group twice.
  std::vector<Group> groups = {Group::x25519_mlkem768, Group::x25519, Group::p256, Group::p384};
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  std::size_t client_hello_limit = 16 * 1024;  ///< bytes of handshake message, over all its records
  std::uint32_t tickets = 2;                   ///< per full handshake; 0: no resumption at all
  std::chrono::seconds ticket_rotation = std::chrono::hours(12);
  std::uint32_t ticket_keys = 4;  ///< the one that encrypts and the older ones that still decrypt
  bool certificate_compression = true;
  std::size_t first_record_bytes = 1400;        ///< plaintext of a record while records are small
  std::size_t small_records_until = 64 * 1024;  ///< bytes sent before records become full ones
  std::chrono::milliseconds record_idle =
      std::chrono::seconds(1);           ///< silence after which they are small again
  std::uint32_t key_update_limit = 100;  ///< KeyUpdate messages that a client may send in a second

  bool operator==(const TlsConfig&) const = default;

  /// The `[tls]` table of the whole gateway.
  static const config::Block<TlsConfig>& block();
  /// The `[site."...".tls]` table: only what can still change once the name is known.
  static const config::Block<TlsConfig>& site_block();
};

}  // namespace sally::tls
