#include "handler/backend_tls.h"

#include <algorithm>

#include "base/time.h"
#include "cert/describe.h"
#include "os/file.h"

namespace sally::handler {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;
constexpr crypto::CertificateLimits kRoots{kLargestFile, 1000};

bool is_secure(const upstream::MemberTerms& member) {
  std::string why;
  return upstream::Address::parse(member.address, why).value_or(upstream::Address{}).secure;
}

std::unexpected<Error> unusable(const std::string& what, Error why) {
  return std::unexpected(
      Error(kBackendTls, WirePos{}, what, std::source_location::current()).because(std::move(why)));
}

Result<crypto::TrustStore> read_roots(const std::string& file) {
  TRY(const auto text, read_file(file, kLargestFile));
  TRY(const auto roots, crypto::parse_certificates(as_bytes(text.text), kRoots));
  return crypto::TrustStore::of(roots);
}

Result<crypto::CertificateChain> read_own(const BackendTlsConfig& config) {
  TRY(const auto certificate, read_file(config.certificate.string(), kLargestFile));
  TRY(const auto key, read_file(config.key.string(), kLargestFile));
  return crypto::load_chain({config.certificate.string(), as_bytes(certificate.text)},
                            {config.key.string(), as_bytes(key.text)}, WallClock::now());
}

}  // namespace

Result<BackendTls> BackendTls::load(const ProxyConfig& config) {
  BackendTls out(config.tls);
  if (std::ranges::none_of(config.to, is_secure)) return out;
  const BackendTlsConfig& tls = config.tls;
  if (tls.verify) {
    auto roots = tls.ca.empty() ? cert::system_roots() : read_roots(tls.ca.string());
    if (!roots) return unusable("ca " + tls.ca.string(), std::move(roots).error());
    out.roots_ = *std::move(roots);
  }
  if (!tls.certificate.empty()) {
    auto own = read_own(tls);
    if (!own) return unusable("certificate " + tls.certificate.string(), std::move(own).error());
    out.own_ = *std::move(own);
  }
  return out;
}

Result<std::vector<std::shared_ptr<tls::ClientRules>>> BackendTls::rules_of(const ProxyConfig& config) {
  TRY(const BackendTls tls, load(config));
  std::vector<std::shared_ptr<tls::ClientRules>> out;
  for (const upstream::MemberTerms& member : config.to) {
    std::string why;
    TRY(auto rules,
        tls.rules_for(upstream::Address::parse(member.address, why).value_or(upstream::Address{})));
    out.push_back(std::move(rules));
  }
  return out;
}

Result<std::shared_ptr<tls::ClientRules>> BackendTls::rules_for(const upstream::Address& address) const {
  if (!address.secure) return nullptr;
  tls::ClientRules::Parts parts;
  parts.name = config_.name.empty() ? address.host : config_.name;
  if (!address.raw && config_.http2) parts.alpn.push_back("h2");
  if (!address.raw) parts.alpn.push_back("http/1.1");
  parts.roots = roots_ ? &*roots_ : nullptr;
  parts.own = own_ ? &*own_ : nullptr;
  return tls::ClientRules::make(parts);
}

}  // namespace sally::handler
