// tls/client_session.h - the client's end of one TLS connection, over memory, that believes any certificate:
// it only looks.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/chain.h"
#include "crypto/owned.h"
#include "tls/handshake_message.h"

namespace sally::tls {

inline constexpr ErrorKind kClientHandshakeFailed{
    "tls.client_handshake_failed",
    Blame::upstream,
    Retry::never,
    "the server and this client could not agree on a TLS session",
    "read the reason in the detail",
    "RFC 8446 6.2",
    -1,
    502};
inline constexpr ErrorKind kClientReadFailed{"tls.client_read_failed",
                                             Blame::upstream,
                                             Retry::fresh_connection,
                                             "a record from the server could not be read",
                                             "look for a broken server or a middlebox that changes bytes",
                                             "RFC 8446 5.2",
                                             -1,
                                             502};

struct ClientOffer {
  std::uint16_t lowest = 0x0301, highest = 0x0304;  ///< versions
  std::string server_name = {};                     ///< empty: no SNI
  std::vector<std::string> alpn = {};
  SSL_SESSION* resume = nullptr;  ///< a session of the same server, or null
  std::string suites = "ALL";     ///< up to TLS 1.2, in the library's language
  bool tickets = true;            ///< RFC 5077; without them a session may be resumed by its id
  std::vector<std::uint16_t> signature_algorithms = {};  ///< empty: the library's
  const crypto::CertificateChain* identity = nullptr;    ///< shown to a server that asks; null: none
  bool keep_messages = false;                            ///< messages() hold their contents too
};

/// Who is at the other end is for others to judge: every certificate is accepted here, so nothing secret may
/// be sent. The caller moves the bytes: feed() what came, send take_output().
class ClientSession {
 public:
  /// Errors: crypto.call_failed.
  static Result<ClientSession> make(const ClientOffer& offer);

  void feed(Bytes from_server);
  std::string take_output();

  /// True: done. False: more bytes are needed. Errors: tls.client_handshake_failed, which may come after the
  /// server has shown its certificates.
  Result<bool> handshake();
  struct Read {
    std::size_t size = 0;  ///< bytes of plaintext; 0 and no end: more bytes are needed
    bool end = false;      ///< close_notify
  };
  /// Errors: tls.client_read_failed.
  Result<Read> read(std::span<std::byte> room);
  /// Errors: crypto.call_failed.
  Result<> write(Bytes plain);

  /// Puts close_notify into the output. Without it many servers forget the session (RFC 5246 7.2.1).
  void shut_down();

  std::uint16_t version() const;
  std::uint16_t suite() const;
  std::uint16_t group() const;  ///< 0: none was used
  std::string alpn() const;
  bool resumed() const;
  bool extended_master_secret() const;            ///< true for TLS 1.3, which has it built in
  bool asked_for_certificate() const;             ///< the server sent a CertificateRequest
  std::vector<std::string> certificates() const;  ///< DER, in the server's order, at most 32
  std::string stapled() const;                    ///< an OCSP answer; empty: none
  std::size_t sct_bytes() const;                  ///< of signed certificate timestamps in the handshake
  /// The newest session that the server gave for resumption; null: none came.
  SSL_SESSION* session() const { return kept_->session.get(); }
  /// The same, given away.
  crypto::SslSession take_session() { return std::move(kept_->session); }
  /// What the server signed its key exchange with; 0: nothing was signed.
  std::uint16_t signature_algorithm() const;
  /// Seconds that the server says its ticket lasts; 0: it gave none, or does not say.
  std::uint32_t ticket_lifetime() const;
  /// The newest session is resumed by a ticket, not by its id.
  bool session_has_ticket() const;
  /// What the keys were cut from, up to TLS 1.2 (RFC 5246 6.3); empty: there is none.
  std::string key_block() const;
  /// verify_data of the client's Finished, up to TLS 1.2.
  std::string client_finished() const;
  std::uint64_t next_sequence() const;  ///< of the next record that this end writes

  /// What went by in the handshake and after it, at most 64 messages.
  const std::vector<HandshakeMessage>& messages() const { return kept_->messages; }
  /// Early data that the session would allow (RFC 8446 4.2.10); false: none.
  bool session_allows_early_data() const;

 private:
  struct Kept {  // at an address that stays, for the library's callbacks
    crypto::SslSession session;
    bool asked = false, keep_messages = false;
    std::vector<HandshakeMessage> messages;
  };
  ClientSession() = default;
  static void note_message(int from_client, int version, int content_type, const void* bytes,
                           std::size_t size, SSL* ssl, void* kept);

  crypto::SslCtx rules_;
  crypto::Ssl ssl_;
  std::unique_ptr<Kept> kept_ = std::make_unique<Kept>();
};

}  // namespace sally::tls
