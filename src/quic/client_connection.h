// quic/client_connection.h - opens a QUIC connection to a server.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "crypto/owned.h"
#include "quic/connection.h"

namespace sally::quic {

/// What a client's connection tells beside the rest.
class ClientEvents : public ConnectionEvents {
 public:
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek&) final {
    return fail(kLibrary, "a client was asked for a certificate");
  }
  void on_id(const ConnectionId&) final {}
  void on_id_gone(Bytes) final {}
  /// For the next connection to this server: its address is then proven at once (RFC 9000 8.1.3).
  virtual void on_token(std::string_view token) { static_cast<void>(token); }
  /// The server does not speak the version and names those that it does. The connection ends with
  /// quic.version_refused.
  virtual void on_versions(std::span<const std::uint32_t> versions) { static_cast<void>(versions); }

 protected:
  ~ClientEvents() = default;
};

struct ClientWish {
  Path path;
  std::uint32_t version = kVersion1;
  crypto::Ssl ssl;             ///< a client's: name, ALPN, whom it believes, what it resumes; no early data
  std::string token = {};      ///< of an earlier connection, or none
  QlogWriter* qlog = nullptr;  ///< records the connection
  std::chrono::milliseconds handshake_timeout{};
  std::chrono::milliseconds first_round_trip{333};  ///< assumed until one was measured (RFC 9002 6.2.2)
};

/// The connection has no id on this side, so all that its socket takes is its own. Retry is followed once, as
/// the RFC has it. produce() sends the first datagrams.
/// All references outlive the connection. Errors: quic.library_failed, crypto.call_failed.
/// source  RFC 9000 7, RFC 9369, RFC 9001 4
Result<std::unique_ptr<Connection>> connect(ClientEvents& events, StreamSource& source,
                                            const QuicConfig& config, ClientWish wish, TimePoint now);

}  // namespace sally::quic
