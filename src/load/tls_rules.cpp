#include "load/tls_rules.h"

#include "crypto/host_match.h"
#include "tls/groups.h"
#include "tls/signature_names.h"

namespace sally::load {
namespace {

constexpr const char* kUsualGroups = "X25519MLKEM768:X25519:P-256:P-384";
constexpr std::size_t kMostCertificates = 32;

std::string chain_bytes(const SSL& ssl) {
  std::string out;
  const STACK_OF(CRYPTO_BUFFER)* const shown = SSL_get0_peer_certificates(&ssl);
  for (std::size_t i = 0; shown && i < sk_CRYPTO_BUFFER_num(shown); ++i) {
    const CRYPTO_BUFFER* const one = sk_CRYPTO_BUFFER_value(shown, i);
    out.append(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(one)), CRYPTO_BUFFER_len(one));
  }
  return out;
}

std::string alpn_of(Speech speech) {
  switch (speech) {
    case Speech::http1:
      return "\x08http/1.1";
    case Speech::http2:
      return "\x02h2";
    case Speech::http3:
      return "\x02h3";
    case Speech::negotiated:
      break;
  }
  return "\x02h2\x08http/1.1";
}

int place_of_fresh() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

Result<std::unique_ptr<TlsRules>> TlsRules::make(const Plan& plan, const std::string& host) {
  std::unique_ptr<TlsRules> made(new TlsRules());
  made->host_ = host;
  if (plan.verify) made->roots_ = plan.roots;
  made->context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!made->context_) return fail(crypto::kCryptoCall, crypto::drain_errors());
  TRY_VOID(made->set_up(plan));
  return made;
}

Result<> TlsRules::set_up(const Plan& plan) {
  SSL_CTX* const c = context_.get();
  const std::string groups = plan.groups.empty() ? kUsualGroups : plan.groups;
  if (SSL_CTX_set1_groups_list(c, groups.c_str()) != 1) {
    ERR_clear_error();
    return fail(kBadPlan, "no list of groups that the TLS library knows: " + groups);
  }
  const std::string alpn = alpn_of(plan.speech);
  if (!plan.signatures.empty() &&
      SSL_CTX_set_verify_algorithm_prefs(c, plan.signatures.data(), plan.signatures.size()) != 1) {
    ERR_clear_error();
    return fail(kBadPlan, "signatures that the TLS library does not know");
  }
  const bool good = SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_alpn_protos(c, reinterpret_cast<const std::uint8_t*>(alpn.data()),
                                            static_cast<unsigned>(alpn.size())) == 0;
  if (!good) return fail(crypto::kCryptoCall, crypto::drain_errors());
  SSL_CTX_set_app_data(c, this);
  if (plan.verify) {
    SSL_CTX_set_custom_verify(c, SSL_VERIFY_PEER, [](SSL* ssl, std::uint8_t*) {
      auto* const rules = static_cast<TlsRules*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
      return rules->believe(*ssl) ? ssl_verify_ok : ssl_verify_invalid;
    });
  }
  if (plan.handshakes == Handshakes::resumed) {
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, [](SSL* ssl, SSL_SESSION* fresh) {
      static_cast<crypto::SslSession*>(SSL_get_ex_data(ssl, place_of_fresh()))->reset(fresh);
      return 1;
    });
  } else {
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  }
  return {};
}

Result<crypto::Ssl> TlsRules::start(SSL_SESSION* session, crypto::SslSession& fresh) const {
  crypto::Ssl ssl(SSL_new(context_.get()));
  const bool named = ssl && (crypto::parse_host_address(host_).has_value() ||  // RFC 6066 3: no address
                             SSL_set_tlsext_host_name(ssl.get(), host_.c_str()) == 1);
  if (!named || SSL_set_ex_data(ssl.get(), place_of_fresh(), &fresh) != 1 ||
      (session != nullptr && SSL_set_session(ssl.get(), session) != 1))
    return fail(crypto::kCryptoCall, crypto::drain_errors());
  SSL_set_connect_state(ssl.get());
  return ssl;
}

bool TlsRules::believe(const SSL& ssl) {
  std::string shown = chain_bytes(ssl);
  if (!shown.empty() && shown == known_) return true;
  distrust_ = judge(ssl);
  if (distrust_.empty()) known_ = std::move(shown);
  return distrust_.empty();
}

std::string TlsRules::judge(const SSL& ssl) const {
  std::vector<crypto::Certificate> chain;
  const STACK_OF(CRYPTO_BUFFER)* const shown = SSL_get0_peer_certificates(&ssl);
  for (std::size_t i = 0; shown && i < sk_CRYPTO_BUFFER_num(shown) && i < kMostCertificates; ++i) {
    const CRYPTO_BUFFER* const one = sk_CRYPTO_BUFFER_value(shown, i);
    auto certificate = crypto::Certificate::from_der(
        {reinterpret_cast<const std::byte*>(CRYPTO_BUFFER_data(one)), CRYPTO_BUFFER_len(one)});
    if (!certificate) return certificate.error().text();
    chain.push_back(*std::move(certificate));
  }
  if (chain.empty()) return "it showed no certificate";
  if (!chain.front().covers(host_)) return "its certificate is not for " + host_;
  std::string why = "there is no root to trust";
  for (const crypto::TrustStore* const roots : roots_) {
    auto verdict = roots->verify(chain.front(), std::span(chain).subspan(1), WallClock::now());
    if (verdict.trusted) return {};
    why = verdict.why;
  }
  return why;
}

TlsFacts facts_of(const SSL& ssl) {
  TlsFacts out;
  out.version = SSL_version(&ssl) == TLS1_3_VERSION ? "TLS 1.3" : "TLS 1.2";
  if (const SSL_CIPHER* const suite = SSL_get_current_cipher(&ssl))
    out.suite = SSL_CIPHER_standard_name(suite);
  if (const auto* const group = tls::group_facts(SSL_get_group_id(&ssl))) out.group = group->name;
  if (const std::uint16_t code = SSL_get_peer_signature_algorithm(&ssl))
    out.signature = tls::signature_name(code);
  const std::uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(&ssl, &name, &size);
  out.alpn.assign(reinterpret_cast<const char*>(name), size);
  return out;
}

}  // namespace sally::load
