// http/connection_facts.h - what is known of the connection a request came by: for logs, rules and backends.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace sally::http {

/// Set when the connection is ready, then constant but for `early`. The texts of TLS are the library's
/// literals.
struct ConnectionFacts {
  std::string client_address;  ///< "192.0.2.1", "2001:db8::1", without port
  std::uint16_t client_port = 0;
  std::string server_address;  ///< where it was taken, in the same form
  std::uint16_t server_port = 0;
  std::uint64_t connection_id = 0;
  bool secure = false;           ///< came by TLS
  std::string_view tls_version;  ///< "TLSv1.3", empty when not secure
  std::string_view tls_suite;    ///< "TLS_AES_128_GCM_SHA256"
  std::string_view tls_group;    ///< "X25519MLKEM768"
  std::string server_name;       ///< SNI, lower case, empty if none was sent
  std::string_view alpn;         ///< "h2", "http/1.1", empty
  bool resumed = false;
  bool early = false;  ///< the handshake is not done: what came may be a copy (RFC 8470 3)
};

}  // namespace sally::http
