#include "crypto/trust_store.h"

namespace sally::crypto {
namespace {

Certificate share(X509* x509) {
  X509_up_ref(x509);
  return Certificate(X509Ptr(x509));
}

X509StackPtr stack_of(std::span<const Certificate> certificates) {
  X509StackPtr out(sk_X509_new_null());
  if (!out) return out;
  for (const Certificate& one : certificates) {
    X509_up_ref(one.handle());
    if (sk_X509_push(out.get(), one.handle()) == 0) X509_free(one.handle());
  }
  return out;
}

}  // namespace

Result<TrustStore> TrustStore::of(std::span<const Certificate> roots) {
  X509StorePtr store(X509_STORE_new());
  if (!store) return fail(kCryptoCall, drain_errors());
  for (const Certificate& root : roots)
    if (X509_STORE_add_cert(store.get(), root.handle()) != 1) return fail(kCryptoCall, drain_errors());
  ERR_clear_error();
  return TrustStore(std::move(store), roots.size());
}

TrustVerdict TrustStore::verify(const Certificate& leaf, std::span<const Certificate> others,
                                WallTime now) const {
  TrustVerdict out;
  const X509StackPtr between = stack_of(others);
  const X509StoreCtxPtr check(X509_STORE_CTX_new());
  if (!between || !check || X509_STORE_CTX_init(check.get(), handle(), leaf.handle(), between.get()) != 1) {
    out.code = X509_V_ERR_OUT_OF_MEM;
    out.why = drain_errors();
    return out;
  }
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(check.get());
  X509_VERIFY_PARAM_set_time_posix(rules, WallClock::to_time_t(now));
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_SERVER);

  out.trusted = X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  out.code = X509_STORE_CTX_get_error(check.get());
  if (!out.trusted) {
    out.why = X509_verify_cert_error_string(out.code);
    if (X509* current = X509_STORE_CTX_get_current_cert(check.get())) out.at = share(current).subject();
  }
  if (const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(check.get()))
    for (std::size_t i = 0; i < sk_X509_num(path); ++i) out.path.push_back(share(sk_X509_value(path, i)));
  return out;
}

}  // namespace sally::crypto
