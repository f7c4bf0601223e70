// tls/server_session.h - the server's end of one TLS connection, over memory: bytes in, bytes out, never
// waits.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/out_buffer.h"
#include "base/time.h"
#include "crypto/owned.h"
#include "tls/server_identity.h"

namespace sally::tls {

inline constexpr ErrorKind kHandshakeFailed{"tls.handshake_failed",
                                            Blame::peer,
                                            Retry::never,
                                            "client and server could not agree on a TLS session",
                                            "read the reason in the detail",
                                            "RFC 8446 6.2",
                                            40,
                                            0};
inline constexpr ErrorKind kPeerAlert{"tls.alert_from_peer",
                                      Blame::peer,
                                      Retry::never,
                                      "the client ended TLS with an alert",
                                      "read the alert in the detail: it says what the client disliked",
                                      "RFC 8446 6.2",
                                      -1,
                                      0};
inline constexpr ErrorKind kBadRecord{"tls.bad_record",
                                      Blame::peer,
                                      Retry::never,
                                      "a record could not be read",
                                      "look for a broken client or a middlebox that changes bytes",
                                      "RFC 8446 5.2",
                                      20,
                                      0};
inline constexpr ErrorKind kTooManyKeyUpdates{
    "tls.too_many_key_updates",
    Blame::peer,
    Retry::never,
    "the client asks for new keys more often than tls.key_update_limit",
    "raise tls.key_update_limit, or fix the client",
    "RFC 8446 4.6.3",
    10,
    0};

/// What sessions of one core read from and write to. Set for the length of a call; one for each core, so that
/// an idle session owns no buffer.
struct CoreIo {
  CoreIo();
  Bytes in;  ///< what came from the socket; the session takes from the front
  OutBuffer* out = nullptr;
  crypto::BioPtr bio;
};

/// Not thread-safe. AWS-LC keeps about 5 KiB for an idle one.
class ServerSession {
 public:
  /// inside  what is spoken, where it is not the web; outlives the session. Errors: crypto.call_failed.
  static Result<ServerSession> make(std::shared_ptr<const ServerIdentity> identity, CoreIo& io,
                                    const Application* inside = nullptr);

  /// Goes on with the handshake on what is in io.in; answers and alerts go to io.out.
  /// True: done. False: more bytes are needed. Errors: tls.handshake_failed, tls.alert_from_peer.
  Result<bool> handshake();

  struct Read {
    std::size_t size = 0;  ///< bytes of plaintext; 0 and no end: more bytes are needed
    bool end = false;      ///< close_notify
  };
  /// At most one record's plaintext. Errors: tls.bad_record, tls.alert_from_peer, tls.too_many_key_updates.
  Result<Read> read(std::span<std::byte> room, TimePoint now);
  /// Seals at most 16 KiB as one record into io.out. Errors: crypto.call_failed.
  Result<> write(Bytes plain);
  /// Says close_notify (RFC 8446 6.1).
  void close();

  std::string_view version() const;  ///< "TLSv1.3"
  std::string_view suite() const;    ///< "TLS_AES_128_GCM_SHA256"
  std::string_view group() const;    ///< "X25519MLKEM768"; empty: none was used
  std::string_view alpn() const;     ///< "h2", "http/1.1", empty
  bool resumed() const;
  const ServerIdentity& identity() const { return *identity_; }

 private:
  ServerSession(std::shared_ptr<const ServerIdentity> identity, CoreIo& io, crypto::Ssl ssl);
  Error explain(const ErrorKind& otherwise) const;
  static void count_messages(int is_write, int version, int type, const void* bytes, std::size_t size,
                             SSL* ssl, void* session);

  std::shared_ptr<const ServerIdentity> identity_;
  CoreIo* io_;
  crypto::Ssl ssl_;
  std::uint32_t key_updates_ = 0;  ///< in the second that began at key_updates_since_
  TimePoint key_updates_since_{};
};

/// A fatal alert as a record of its own, for a connection that has no session yet (RFC 8446 6).
void write_plain_alert(std::uint8_t description, OutBuffer& out);
inline constexpr std::uint8_t kUnrecognizedName = 112;  ///< RFC 6066 3

}  // namespace sally::tls
