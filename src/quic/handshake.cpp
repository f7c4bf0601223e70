#include "quic/handshake.h"

#include <array>
#include <utility>

namespace sally::quic {
namespace {

constexpr std::size_t kMostParameters = 512;

ngtcp2_encryption_level level_of(ssl_encryption_level_t level) {
  switch (level) {
    case ssl_encryption_handshake:
      return NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE;
    case ssl_encryption_application:
      return NGTCP2_ENCRYPTION_LEVEL_1RTT;
    case ssl_encryption_early_data:
      return NGTCP2_ENCRYPTION_LEVEL_0RTT;
    default:
      return NGTCP2_ENCRYPTION_LEVEL_INITIAL;
  }
}

ssl_encryption_level_t level_of(ngtcp2_encryption_level level) {
  switch (level) {
    case NGTCP2_ENCRYPTION_LEVEL_HANDSHAKE:
      return ssl_encryption_handshake;
    case NGTCP2_ENCRYPTION_LEVEL_1RTT:
      return ssl_encryption_application;
    case NGTCP2_ENCRYPTION_LEVEL_0RTT:
      return ssl_encryption_early_data;
    default:
      return ssl_encryption_initial;
  }
}

std::unexpected<Error> library_error() { return fail(crypto::kCryptoCall, crypto::drain_errors()); }

Handshake& of(const SSL* ssl) { return *static_cast<Handshake*>(SSL_get_app_data(ssl)); }

}  // namespace

struct TlsEvents {
  static int read_secret(SSL* ssl, ssl_encryption_level_t level, const SSL_CIPHER* cipher,
                         const std::uint8_t* secret, std::size_t size) {
    return of(ssl).install(true, level, cipher, as_bytes(std::span(secret, size))) == 0;
  }
  static int write_secret(SSL* ssl, ssl_encryption_level_t level, const SSL_CIPHER* cipher,
                          const std::uint8_t* secret, std::size_t size) {
    return of(ssl).install(false, level, cipher, as_bytes(std::span(secret, size))) == 0;
  }
  static int add_data(SSL* ssl, ssl_encryption_level_t level, const std::uint8_t* data, std::size_t size) {
    return ngtcp2_conn_submit_crypto_data(of(ssl).conn_, level_of(level), data, size) == 0;
  }
  static int flush(SSL*) { return 1; }
  static int alert(SSL* ssl, ssl_encryption_level_t, std::uint8_t number) {
    ngtcp2_conn_set_tls_alert(of(ssl).conn_, number);
    return 1;
  }
  static constexpr SSL_QUIC_METHOD kMethod = {read_secret, write_secret, add_data, flush, alert};
};

Result<> Handshake::serve(ngtcp2_conn* conn, std::shared_ptr<const tls::ServerIdentity> identity,
                          const EarlyTerms& early) {
  conn_ = conn;
  identity_ = std::move(identity);
  crypto::Ssl ssl(SSL_new(identity_->handle()));
  if (!ssl) return library_error();
  SSL_set_accept_state(ssl.get());
  // RFC 9369 5: a ticket of one version is none of the other.
  static constexpr std::string_view kOfVersion2 = "sallyport QUIC 2";
  if (ngtcp2_conn_get_client_chosen_version(conn_) == kVersion2 &&
      !SSL_set_session_id_context(ssl.get(), as_u8(as_bytes(kOfVersion2)), kOfVersion2.size()))
    return library_error();
  const Bytes terms = as_bytes(early.text);
  SSL_set_early_data_enabled(ssl.get(), terms.empty() ? 0 : 1);
  if (!terms.empty() && (!SSL_set_ex_data(ssl.get(), tls::strike_register_index(), early.used) ||
                         !SSL_set_quic_early_data_context(ssl.get(), as_u8(terms), terms.size())))
    return library_error();
  return set_up(std::move(ssl));
}

Result<> Handshake::ask(ngtcp2_conn* conn, crypto::Ssl ssl) {
  conn_ = conn;
  TRY_VOID(set_up(std::move(ssl)));
  if (!give_parameters()) return library_error();
  return {};
}

/// A server's depend on the client's, and ngtcp2 completes them with the handshake's keys: just before the
/// library makes EncryptedExtensions.
bool Handshake::give_parameters() {
  std::array<std::uint8_t, kMostParameters> parameters;
  const ngtcp2_ssize size =
      ngtcp2_conn_encode_local_transport_params(conn_, parameters.data(), parameters.size());
  return size >= 0 &&
         SSL_set_quic_transport_params(ssl_.get(), parameters.data(), static_cast<std::size_t>(size)) == 1;
}

Result<> Handshake::set_up(crypto::Ssl ssl) {
  SSL_set_app_data(ssl.get(), this);
  // RFC 9001 4.2: TLS 1.3 or newer.
  if (!SSL_set_min_proto_version(ssl.get(), TLS1_3_VERSION) ||
      !SSL_set_quic_method(ssl.get(), &TlsEvents::kMethod))
    return library_error();
  ssl_ = std::move(ssl);
  ngtcp2_conn_set_tls_native_handle(conn_, ssl_.get());
  return {};
}

int Handshake::take(ngtcp2_encryption_level level, Bytes bytes) {
  if (!SSL_provide_quic_data(ssl_.get(), level_of(level), as_u8(bytes), bytes.size())) {
    reason_ = crypto::drain_errors();
    return NGTCP2_ERR_CRYPTO;
  }
  return advance();
}

/// As far as it goes. A client whose early data is refused goes on without; its streams are gone then.
int Handshake::shake() {
  const int rv = SSL_do_handshake(ssl_.get());
  if (rv == 1) return 0;
  switch (SSL_get_error(ssl_.get(), rv)) {
    case SSL_ERROR_WANT_READ:
      return 0;
    case SSL_ERROR_EARLY_DATA_REJECTED:
      SSL_reset_early_data_reject(ssl_.get());
      if (const int refused = ngtcp2_conn_tls_early_data_rejected(conn_); refused != 0) return refused;
      return shake();
    default:
      reason_ = crypto::drain_errors();
      return NGTCP2_ERR_CRYPTO;
  }
}

int Handshake::advance() {
  if (!done_) {
    if (const int rv = shake(); rv != 0) return rv;
    early_ = SSL_in_early_data(ssl_.get()) == 1;
    if (early_ || SSL_in_init(ssl_.get())) return 0;
    done_ = true;
    ngtcp2_conn_tls_handshake_completed(conn_);
  }
  if (SSL_process_quic_post_handshake(ssl_.get()) == 1) return 0;
  reason_ = crypto::drain_errors();
  return NGTCP2_ERR_CRYPTO;
}

/// RFC 9001 8.2: a handshake without the extension fails.
int Handshake::take_peer_parameters() {
  const std::uint8_t* at = nullptr;
  std::size_t size = 0;
  SSL_get_peer_quic_transport_params(ssl_.get(), &at, &size);
  const int rv = ngtcp2_conn_decode_and_set_remote_transport_params(conn_, at, size);
  if (rv != 0) ngtcp2_conn_set_tls_error(conn_, rv);
  return rv;
}

int Handshake::install(bool reading, ssl_encryption_level_t level, const SSL_CIPHER* cipher, Bytes secret) {
  const Suite* const suite = suite_of(SSL_CIPHER_get_protocol_id(cipher));
  if (suite == nullptr) return NGTCP2_ERR_CRYPTO;
  if (level == ssl_encryption_early_data) return install_early_key(*suite, secret);
  // They come in the ClientHello, and in what is sealed by the handshake's keys.
  const bool server = ngtcp2_conn_is_server(conn_) != 0;
  const bool due = server ? !heard_parameters_ : reading && level == ssl_encryption_application;
  if (due && !std::exchange(heard_parameters_, true))
    if (const int rv = take_peer_parameters(); rv != 0) return rv;
  if (ngtcp2_conn_get_crypto_ctx(conn_)->aead.native_handle == nullptr) {
    const ngtcp2_crypto_ctx crypto = crypto_of(*suite);
    ngtcp2_conn_set_crypto_ctx(conn_, &crypto);
  }
  auto keys = derive_keys(*suite, ngtcp2_conn_get_negotiated_version(conn_), secret, true);
  if (!keys) return NGTCP2_ERR_CRYPTO;
  const int rv = install_keys(reading, level, *keys, secret);
  if (rv != 0) return rv;
  static_cast<void>(keys->aead.release());  // ngtcp2 forgets them by our callbacks
  static_cast<void>(keys->header.release());
  const bool last_word = server && !reading && level == ssl_encryption_handshake;
  return last_word && !give_parameters() ? NGTCP2_ERR_CRYPTO : 0;
}

/// A client seals with it, a server opens.
int Handshake::install_early_key(const Suite& suite, Bytes secret) {
  const ngtcp2_crypto_ctx crypto = crypto_of(suite);
  ngtcp2_conn_set_0rtt_crypto_ctx(conn_, &crypto);
  auto keys = derive_keys(suite, ngtcp2_conn_get_client_chosen_version(conn_), secret, true);
  if (!keys) return NGTCP2_ERR_CRYPTO;
  const ngtcp2_crypto_aead_ctx aead{keys->aead.get()};
  const ngtcp2_crypto_cipher_ctx header{keys->header.get()};
  const int rv = ngtcp2_conn_install_0rtt_key(conn_, &aead, keys->iv.data(), keys->iv.size(), &header);
  if (rv != 0) return rv;
  static_cast<void>(keys->aead.release());  // ngtcp2 forgets them by our callbacks
  static_cast<void>(keys->header.release());
  return 0;
}

int Handshake::install_keys(bool reading, ssl_encryption_level_t level, const PacketKeys& keys,
                            Bytes secret) {
  const ngtcp2_crypto_aead_ctx aead{keys.aead.get()};
  const ngtcp2_crypto_cipher_ctx header{keys.header.get()};
  if (level == ssl_encryption_handshake) {
    const auto set = reading ? ngtcp2_conn_install_rx_handshake_key : ngtcp2_conn_install_tx_handshake_key;
    return set(conn_, &aead, keys.iv.data(), keys.iv.size(), &header);
  }
  const auto set = reading ? ngtcp2_conn_install_rx_key : ngtcp2_conn_install_tx_key;
  return set(conn_, as_u8(secret), secret.size(), &aead, keys.iv.data(), keys.iv.size(), &header);
}

std::string_view Handshake::suite() const {
  return SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl_.get()));
}

std::string_view Handshake::group() const {
  const std::uint16_t id = SSL_get_group_id(ssl_.get());
  const char* const name = id == 0 ? nullptr : SSL_get_group_name(id);
  return name ? name : "";
}

std::string_view Handshake::alpn() const {
  const std::uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == "h3" ? "h3" : "";
}

bool Handshake::resumed() const { return SSL_session_reused(ssl_.get()); }

int install_initial_keys(ngtcp2_conn* conn, const ngtcp2_cid& destination) {
  const std::uint32_t version = ngtcp2_conn_get_client_chosen_version(conn);
  const ngtcp2_crypto_ctx crypto = crypto_of(initial_suite());
  ngtcp2_conn_set_initial_crypto_ctx(conn, &crypto);
  const auto secrets = initial_secrets(version, as_bytes(std::span(destination.data, destination.datalen)));
  if (!secrets) return NGTCP2_ERR_CALLBACK_FAILURE;
  const bool server = ngtcp2_conn_is_server(conn) != 0;
  auto rx = derive_keys(initial_suite(), version, (server ? secrets->client : secrets->server).bytes(), true);
  auto tx = derive_keys(initial_suite(), version, (server ? secrets->server : secrets->client).bytes(), true);
  if (!rx || !tx) return NGTCP2_ERR_CALLBACK_FAILURE;
  const ngtcp2_crypto_aead_ctx rx_aead{rx->aead.get()}, tx_aead{tx->aead.get()};
  const ngtcp2_crypto_cipher_ctx rx_header{rx->header.get()}, tx_header{tx->header.get()};
  if (ngtcp2_conn_install_initial_key(conn, &rx_aead, rx->iv.data(), &rx_header, &tx_aead, tx->iv.data(),
                                      &tx_header, kIv) != 0)
    return NGTCP2_ERR_CALLBACK_FAILURE;
  for (PacketKeys* keys : {&*rx, &*tx}) {  // ngtcp2 forgets them by our callbacks
    static_cast<void>(keys->aead.release());
    static_cast<void>(keys->header.release());
  }
  return 0;
}

}  // namespace sally::quic
