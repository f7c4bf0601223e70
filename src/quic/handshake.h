// quic/handshake.h - TLS 1.3 inside QUIC: handshake messages and secrets between AWS-LC and ngtcp2.
#pragma once
#include <ngtcp2/ngtcp2.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/owned.h"
#include "quic/packet_keys.h"
#include "quic/zero_rtt.h"
#include "tls/server_identity.h"

namespace sally::quic {

/// One for each connection; stays in place, because the TLS library knows its address. Its functions return
/// what ngtcp2's callbacks return: 0, or one of its error numbers.
class Handshake {
 public:
  Handshake() = default;
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;

  /// The server's side, once it is known which site is asked for. `conn` outlives the calls.
  /// Errors: crypto.call_failed.
  Result<> serve(ngtcp2_conn* conn, std::shared_ptr<const tls::ServerIdentity> identity,
                 const EarlyTerms& early = {});
  /// The client's side, with what `ssl` is set to: name, ALPN, roots, a session to be resumed and whether
  /// early data goes with it. Errors: as above.
  Result<> ask(ngtcp2_conn* conn, crypto::Ssl ssl);
  /// The client's first message.
  int begin() { return advance(); }
  /// Gives back all it holds.
  void forget() {
    ssl_.reset();
    identity_.reset();
  }
  bool begun() const { return ssl_ != nullptr; }
  /// Early data goes, and the handshake is not done. Source: RFC 9001 4.6.
  bool early() const { return early_; }

  /// Bytes of CRYPTO frames, in order. Source: RFC 9001 4.1.
  int take(ngtcp2_encryption_level level, Bytes bytes);

  std::string_view suite() const;  ///< "TLS_AES_128_GCM_SHA256"
  std::string_view group() const;  ///< "X25519MLKEM768"
  std::string_view alpn() const;   ///< "h3"
  bool resumed() const;
  /// Null before serve() and ask().
  const SSL* ssl() const { return ssl_.get(); }
  /// Why it failed.
  const std::string& reason() const { return reason_; }

 private:
  friend struct TlsEvents;  ///< AWS-LC's callbacks, in handshake.cpp
  Result<> set_up(crypto::Ssl ssl);
  int advance();
  int install(bool reading, ssl_encryption_level_t level, const SSL_CIPHER* cipher, Bytes secret);
  int install_early_key(const Suite& suite, Bytes secret);
  int shake();
  int install_keys(bool reading, ssl_encryption_level_t level, const PacketKeys& keys, Bytes secret);
  int take_peer_parameters();
  bool give_parameters();

  ngtcp2_conn* conn_ = nullptr;
  std::shared_ptr<const tls::ServerIdentity> identity_;
  crypto::Ssl ssl_;
  std::string reason_;
  bool done_ = false, heard_parameters_ = false, early_ = false;
};

/// Keys for Initial packets of the peer's version. `destination`: the first of the client. Errors as above.
int install_initial_keys(ngtcp2_conn* conn, const ngtcp2_cid& destination);
/// ngtcp2's words for what a suite seals with.
ngtcp2_crypto_ctx crypto_of(const Suite& suite);
/// Fills in the callbacks that seal, open, mask, update keys and forget them.
void set_crypto_callbacks(ngtcp2_callbacks& callbacks);

}  // namespace sally::quic
