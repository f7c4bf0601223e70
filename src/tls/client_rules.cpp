#include "tls/client_rules.h"

#include "crypto/host_match.h"

namespace sally::tls {
namespace {

std::unexpected<Error> library_error() { return fail(crypto::kCryptoCall, crypto::drain_errors()); }

Result<> show(SSL_CTX& context, const crypto::CertificateChain& own) {
  bool good = SSL_CTX_use_certificate(&context, own.leaf.handle()) == 1;
  for (const crypto::Certificate& above : own.intermediates)
    good = good && SSL_CTX_add1_chain_cert(&context, above.handle()) == 1;
  if (!good || SSL_CTX_use_PrivateKey(&context, own.key.handle()) != 1) return library_error();
  return {};
}

/// RFC 6125 6, RFC 9525 6: the name that was configured, never one that the server chose.
bool expect_name(SSL_CTX& context, const std::string& name) {
  X509_VERIFY_PARAM* const param = SSL_CTX_get0_param(&context);
  // What was named is believed, also if it is no root: an intermediate, or the server's own certificate.
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (const auto address = crypto::parse_host_address(name))
    return X509_VERIFY_PARAM_set1_ip(param, reinterpret_cast<const std::uint8_t*>(address->bytes.data()),
                                     address->size) == 1;
  return X509_VERIFY_PARAM_set1_host(param, name.data(), name.size()) == 1;
}

}  // namespace

Result<std::shared_ptr<ClientRules>> ClientRules::make(const Parts& parts) {
  std::shared_ptr<ClientRules> made(new ClientRules());
  made->name_ = parts.name;
  made->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const c = made->context_.get();
  std::string alpn;
  for (const std::string& one : parts.alpn) alpn.append(1, static_cast<char>(one.size())).append(one);
  if (!c || SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set1_groups_list(c, "X25519MLKEM768:X25519:P-256:P-384") != 1 ||
      (!alpn.empty() && SSL_CTX_set_alpn_protos(c, reinterpret_cast<const std::uint8_t*>(alpn.data()),
                                                static_cast<unsigned>(alpn.size())) != 0))
    return library_error();
  if (parts.roots != nullptr) {
    X509_STORE_up_ref(parts.roots->handle());
    SSL_CTX_set_cert_store(c, parts.roots->handle());
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    if (!expect_name(*c, parts.name)) return library_error();
  }
  if (parts.own != nullptr) {
    TRY_VOID(show(*c, *parts.own));
  }
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(c, made.get());
  SSL_CTX_sess_set_new_cb(c, [](SSL* ssl, SSL_SESSION* fresh) {
    auto* const rules = static_cast<ClientRules*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    rules->keep_session(crypto::SslSession(fresh));
    return 1;
  });
  return made;
}

}  // namespace sally::tls
