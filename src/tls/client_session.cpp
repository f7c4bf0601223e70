#include "tls/client_session.h"

namespace sally::tls {
namespace {

constexpr std::size_t kMostCertificates = 32, kMostMessages = 64, kMostContent = 128 * 1024;

Result<std::string> alpn_list(const std::vector<std::string>& protocols) {
  std::string out;
  for (const std::string& one : protocols) {
    if (one.empty() || one.size() > 255) return fail(crypto::kCryptoCall, "an ALPN name has 1 to 255 bytes");
    out += static_cast<char>(one.size());
    out += one;
  }
  return out;
}

bool show_identity(SSL_CTX* rules, const crypto::CertificateChain& chain) {
  if (SSL_CTX_use_certificate(rules, chain.leaf.handle()) != 1 ||
      SSL_CTX_use_PrivateKey(rules, chain.key.handle()) != 1)
    return false;
  for (const crypto::Certificate& one : chain.intermediates)
    if (SSL_CTX_add1_chain_cert(rules, one.handle()) != 1) return false;
  return true;
}

}  // namespace

/// Alerts and records are told by other content types.
void ClientSession::note_message(int from_client, int, int content_type, const void* bytes, std::size_t size,
                                 SSL*, void* kept) {
  auto& to = *static_cast<Kept*>(kept);
  if (content_type != SSL3_RT_HANDSHAKE || to.messages.size() >= kMostMessages) return;
  const Bytes message(static_cast<const std::byte*>(bytes), size);
  to.messages.push_back(describe_message(from_client != 0, message, Clock::now()));
  if (to.keep_messages && size <= kMostContent) to.messages.back().content = as_text(message);
}

Result<ClientSession> ClientSession::make(const ClientOffer& offer) {
  ClientSession out;
  out.rules_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const rules = out.rules_.get();
  TRY(const std::string alpn, alpn_list(offer.alpn));
  const bool ruled =
      rules && SSL_CTX_set_min_proto_version(rules, offer.lowest) == 1 &&
      SSL_CTX_set_max_proto_version(rules, offer.highest) == 1 &&
      SSL_CTX_set_cipher_list(rules, offer.suites.c_str()) == 1 &&
      SSL_CTX_set1_groups_list(rules, "X25519MLKEM768:X25519:P-256:P-384:P-521") == 1 &&
      (alpn.empty() || SSL_CTX_set_alpn_protos(rules, reinterpret_cast<const std::uint8_t*>(alpn.data()),
                                               static_cast<unsigned>(alpn.size())) == 0);
  if (!ruled) return fail(crypto::kCryptoCall, crypto::drain_errors());
  if (offer.identity && !show_identity(rules, *offer.identity))
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  SSL_CTX_set_verify(rules, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(rules, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_early_data_enabled(rules, 1);
  SSL_CTX_sess_set_new_cb(rules, [](SSL* ssl, SSL_SESSION* fresh) {
    static_cast<Kept*>(SSL_get_app_data(ssl))->session.reset(fresh);
    return 1;
  });
  SSL_CTX_set_cert_cb(
      rules,
      [](SSL* ssl, void*) {
        static_cast<Kept*>(SSL_get_app_data(ssl))->asked = true;
        return 1;  // goes on with what there is, or without
      },
      nullptr);

  out.ssl_.reset(SSL_new(rules));
  SSL* const ssl = out.ssl_.get();
  BIO *const in = BIO_new(BIO_s_mem()), *const sink = BIO_new(BIO_s_mem());
  if (!ssl || !in || !sink) return fail(crypto::kCryptoCall, crypto::drain_errors());
  SSL_set_bio(ssl, in, sink);
  SSL_set_app_data(ssl, out.kept_.get());
  SSL_set_msg_callback(ssl, note_message);
  out.kept_->keep_messages = offer.keep_messages;
  SSL_set_msg_callback_arg(ssl, out.kept_.get());
  SSL_set_connect_state(ssl);
  SSL_enable_ocsp_stapling(ssl);
  SSL_enable_signed_cert_timestamps(ssl);
  SSL_set_early_data_enabled(ssl, 0);  // sessions tell whether it is allowed; nothing is ever sent so
  if (!offer.server_name.empty() && SSL_set_tlsext_host_name(ssl, offer.server_name.c_str()) != 1)
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  if (!offer.tickets) SSL_set_options(ssl, SSL_OP_NO_TICKET);
  if (!offer.signature_algorithms.empty() &&
      SSL_set_verify_algorithm_prefs(ssl, offer.signature_algorithms.data(),
                                     offer.signature_algorithms.size()) != 1)
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  if (offer.resume && SSL_set_session(ssl, offer.resume) != 1)
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  return out;
}

void ClientSession::feed(Bytes from_server) {
  BIO_write(SSL_get_rbio(ssl_.get()), from_server.data(), static_cast<int>(from_server.size()));
}

std::string ClientSession::take_output() {
  BIO* const sink = SSL_get_wbio(ssl_.get());
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (BIO_mem_contents(sink, &bytes, &size) != 1 || size == 0) return {};
  std::string out(reinterpret_cast<const char*>(bytes), size);
  BIO_reset(sink);
  return out;
}

Result<bool> ClientSession::handshake() {
  ERR_clear_error();
  const int n = SSL_do_handshake(ssl_.get());
  if (n == 1) return true;
  if (SSL_get_error(ssl_.get(), n) == SSL_ERROR_WANT_READ) return false;
  return fail(kClientHandshakeFailed, crypto::drain_errors());
}

Result<ClientSession::Read> ClientSession::read(std::span<std::byte> room) {
  ERR_clear_error();
  const int n = SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size()));
  if (n > 0) return Read{static_cast<std::size_t>(n), false};
  switch (SSL_get_error(ssl_.get(), n)) {
    case SSL_ERROR_WANT_READ:
      return Read{};
    case SSL_ERROR_ZERO_RETURN:
      return Read{0, true};
    default:
      return fail(kClientReadFailed, crypto::drain_errors());
  }
}

Result<> ClientSession::write(Bytes plain) {
  ERR_clear_error();
  if (SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) == static_cast<int>(plain.size()))
    return {};
  return fail(crypto::kCryptoCall, crypto::drain_errors());
}

void ClientSession::shut_down() {
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::uint16_t ClientSession::version() const { return static_cast<std::uint16_t>(SSL_version(ssl_.get())); }

std::uint16_t ClientSession::suite() const {
  const SSL_CIPHER* const suite = SSL_get_current_cipher(ssl_.get());
  return suite ? SSL_CIPHER_get_protocol_id(suite) : std::uint16_t{0};
}

std::uint16_t ClientSession::group() const { return SSL_get_group_id(ssl_.get()); }

std::string ClientSession::alpn() const {
  const std::uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

bool ClientSession::resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
bool ClientSession::extended_master_secret() const { return SSL_get_extms_support(ssl_.get()) == 1; }
bool ClientSession::asked_for_certificate() const { return kept_->asked; }

std::vector<std::string> ClientSession::certificates() const {
  std::vector<std::string> out;
  const STACK_OF(CRYPTO_BUFFER)* const shown = SSL_get0_peer_certificates(ssl_.get());
  for (std::size_t i = 0; shown && i < sk_CRYPTO_BUFFER_num(shown) && i < kMostCertificates; ++i) {
    const CRYPTO_BUFFER* const one = sk_CRYPTO_BUFFER_value(shown, i);
    out.emplace_back(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(one)), CRYPTO_BUFFER_len(one));
  }
  return out;
}

std::string ClientSession::stapled() const {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  SSL_get0_ocsp_response(ssl_.get(), &bytes, &size);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

std::size_t ClientSession::sct_bytes() const {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  SSL_get0_signed_cert_timestamp_list(ssl_.get(), &bytes, &size);
  return size;
}

std::uint16_t ClientSession::signature_algorithm() const {
  return SSL_get_peer_signature_algorithm(ssl_.get());
}

std::uint32_t ClientSession::ticket_lifetime() const {
  return session() ? static_cast<std::uint32_t>(SSL_SESSION_get_ticket_lifetime_hint(session())) : 0;
}

bool ClientSession::session_has_ticket() const { return session() && SSL_SESSION_has_ticket(session()) == 1; }

std::string ClientSession::key_block() const {
  if (version() > 0x0303) return {};
  std::string out(SSL_get_key_block_len(ssl_.get()), '\0');
  if (SSL_generate_key_block(ssl_.get(), reinterpret_cast<std::uint8_t*>(out.data()), out.size()) != 1)
    return {};
  return out;
}

std::string ClientSession::client_finished() const {
  std::string out(64, '\0');
  out.resize(std::min(SSL_get_finished(ssl_.get(), out.data(), out.size()), out.size()));
  return out;
}

std::uint64_t ClientSession::next_sequence() const { return SSL_get_write_sequence(ssl_.get()); }

bool ClientSession::session_allows_early_data() const {
  return session() && SSL_SESSION_early_data_capable(session()) == 1;
}

}  // namespace sally::tls
