#include "tls/server_identity.h"

#include <algorithm>
#include <string>

#include "base/time.h"
#include "tls/certificate_compression.h"
#include "tls/strike_register.h"

namespace sally::tls {
namespace {

/// Mozilla's intermediate profile, guidelines 6.0: forward secrecy and AEAD only.
constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kSuites13 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

/// SHA-256 and more. The library would also sign with SHA-1 for a client that asks (RFC 9155 3).
constexpr std::uint16_t kSignatures[] = {
    SSL_SIGN_ECDSA_SECP256R1_SHA256, SSL_SIGN_ED25519,
    SSL_SIGN_RSA_PSS_RSAE_SHA256,    SSL_SIGN_RSA_PKCS1_SHA256,
    SSL_SIGN_ECDSA_SECP384R1_SHA384, SSL_SIGN_RSA_PSS_RSAE_SHA384,
    SSL_SIGN_RSA_PKCS1_SHA384,       SSL_SIGN_ECDSA_SECP521R1_SHA512,
    SSL_SIGN_RSA_PSS_RSAE_SHA512,    SSL_SIGN_RSA_PKCS1_SHA512,
};

int context_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

const ServerIdentity& context_of(const SSL* ssl) {
  return *static_cast<const ServerIdentity*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), context_index()));
}

int seal_ticket(SSL* ssl, std::uint8_t* out, std::size_t* size, std::size_t room, const std::uint8_t* in,
                std::size_t n) {
  const ServerIdentity& context = context_of(ssl);
  const auto sealed = context.tickets()->seal(context.site(), {out, room}, {in, n});
  *size = sealed.value_or(0);
  return sealed.has_value();
}

ssl_ticket_aead_result_t open_ticket(SSL* ssl, std::uint8_t* out, std::size_t* size, std::size_t room,
                                     const std::uint8_t* in, std::size_t n) {
  const ServerIdentity& context = context_of(ssl);
  auto* const used = static_cast<StrikeRegister*>(SSL_get_ex_data(ssl, strike_register_index()));
  const auto mark = used ? StrikeRegister::mark_of(as_bytes(std::span(in, n))) : StrikeRegister::Mark{};
  const auto opened = context.tickets()->open(context.site(), {out, room}, {in, n});
  *size = opened.value_or(0);
  // Whether early data is taken is decided after this.
  if (used && opened && !used->first_use(mark, WallClock::to_time_t(WallClock::now())))
    SSL_set_early_data_enabled(ssl, 0);
  return opened ? ssl_ticket_aead_success : ssl_ticket_aead_ignore_ticket;
}

constexpr SSL_TICKET_AEAD_METHOD kTicketMethod = {[](SSL*) { return TicketKeys::kOverhead; }, seal_ticket,
                                                  open_ticket};

/// Only QUIC has transport parameters, and the client's are read before its protocols are chosen from.
bool is_quic(const SSL* ssl) {
  const std::uint8_t* parameters = nullptr;
  std::size_t size = 0;
  SSL_get_peer_quic_transport_params(ssl, &parameters, &size);
  return size != 0;
}

/// A name that is not known is passed over: many clients offer what nobody has registered. But a browser is
/// no mail program, and its requests must not be answered as if they were commands.
int choose_application(const Application& inside, const std::uint8_t** out, std::uint8_t* size,
                       std::span<const std::uint8_t> offered) {
  bool web = false;
  while (!offered.empty() && offered.size() > offered[0]) {
    const std::string_view name = as_text(std::as_bytes(offered.subspan(1, offered[0])));
    if (!name.empty() && name == inside.alpn) {
      *out = &offered[1];
      *size = offered[0];
      return SSL_TLSEXT_ERR_OK;
    }
    web = web || name == "h2" || name == "http/1.1";
    offered = offered.subspan(1 + name.size());
  }
  return web && inside.refuses_web ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

/// RFC 7301 3.2: without a common protocol the server MUST answer no_application_protocol.
int choose_protocol(SSL* ssl, const std::uint8_t** out, std::uint8_t* size, const std::uint8_t* in,
                    unsigned n, void*) {
  if (const void* const inside = SSL_get_ex_data(ssl, application_index()))
    return choose_application(*static_cast<const Application*>(inside), out, size, {in, n});
  static constexpr std::uint8_t kBoth[] = "\x02h2\x08http/1.1", kQuic[] = "\x02h3";
  const bool http2 = context_of(ssl).http2();
  std::span<const std::uint8_t> ours = std::span(kBoth, sizeof kBoth - 1).subspan(http2 ? 0 : 3);
  if (is_quic(ssl)) ours = std::span(kQuic, sizeof kQuic - 1);
  std::uint8_t* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, ours.data(), static_cast<unsigned>(ours.size()), in, n) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::unexpected<Error> library_error() { return fail(crypto::kCryptoCall, crypto::drain_errors()); }

Result<> add_chain(SSL_CTX& context, const crypto::CertificateChain& chain) {
  const auto refuse = [&] {
    return fail(kUnusableChain, chain.leaf.subject() + ": " + crypto::drain_errors());
  };
  if (!SSL_CTX_use_certificate(&context, chain.leaf.handle())) return refuse();
  for (const crypto::Certificate& above : chain.intermediates)
    if (!SSL_CTX_add1_chain_cert(&context, above.handle())) return refuse();
  if (!SSL_CTX_use_PrivateKey(&context, chain.key.handle())) return refuse();
  return {};
}

}  // namespace

int application_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

ServerIdentity::ServerIdentity(const Parts& parts)
    : context_(SSL_CTX_new(TLS_method())),
      config_(parts.config),
      site_(parts.site),
      tickets_(parts.tickets),
      http2_(parts.http2) {}

Result<std::shared_ptr<const ServerIdentity>> ServerIdentity::make(Parts parts) {
  std::shared_ptr<ServerIdentity> made(new ServerIdentity(parts));
  if (!made->context_) return library_error();
  TRY_VOID(made->set_up(parts));
  return made;
}

Result<> ServerIdentity::set_up(const Parts& parts) {
  SSL_CTX* const c = context_.get();
  std::string groups;
  for (const Group g : config_.groups)
    groups.append(groups.empty() ? "" : ":").append(SSL_get_group_name(static_cast<std::uint16_t>(g)));
  if (!SSL_CTX_set_min_proto_version(c, static_cast<std::uint16_t>(config_.min_version)) ||
      !SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) || !SSL_CTX_set_strict_cipher_list(c, kSuites12) ||
      !SSL_CTX_set_ciphersuites(c, kSuites13) ||
      !SSL_CTX_set_signing_algorithm_prefs(c, kSignatures, std::size(kSignatures)) ||
      !SSL_CTX_set1_groups_list(c, groups.c_str()) || !SSL_CTX_set_ex_data(c, context_index(), this))
    return library_error();
  SSL_CTX_set_options(c, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
  for (const crypto::CertificateChain* chain : parts.chains) TRY_VOID(add_chain(*c, *chain));
  if (config_.certificate_compression) TRY_VOID(compress_certificates(*c));
  return set_tickets();
}

Result<> ServerIdentity::set_tickets() {
  SSL_CTX* const c = context_.get();
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  if (config_.tickets == 0 || !tickets_) {
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(c, 0);
    return {};
  }
  // RFC 8446 4.6.1: a ticket lives seven days at the most; ours no longer than the keys that can open it.
  constexpr std::chrono::seconds kLongest = std::chrono::days(7);
  const auto life = static_cast<std::uint32_t>(
      std::min<std::chrono::seconds>(config_.ticket_rotation * std::max(config_.ticket_keys, 1u), kLongest)
          .count());
  SSL_CTX_set_timeout(c, life);
  SSL_CTX_set_session_psk_dhe_timeout(c, life);
  SSL_CTX_set_num_tickets(c, config_.tickets);
  SSL_CTX_set_ticket_aead_method(c, &kTicketMethod);
  const auto* id = reinterpret_cast<const std::uint8_t*>("sallyport");
  if (!SSL_CTX_set_session_id_context(c, id, 9)) return library_error();
  return {};
}

}  // namespace sally::tls
