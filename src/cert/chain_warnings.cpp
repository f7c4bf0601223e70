#include "cert/chain_warnings.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "crypto/host_match.h"

namespace sally::cert {
namespace {

/// "*.example.com" as a site's name is covered by the same wildcard, not by any name below it.
bool covers_name(const crypto::Certificate& leaf, const std::string& name) {
  if (!name.starts_with("*.")) return leaf.covers(name);
  const std::string below = "any-label" + name.substr(1);
  return leaf.covers(below);
}

}  // namespace

bool ends_soon(const crypto::Certificate& certificate, WallTime now) {
  const auto life = certificate.not_after() - certificate.not_before();
  return now <= certificate.not_after() && certificate.not_after() - now < life / 4;
}

std::vector<std::string> chain_warnings(const crypto::CertificateChain& chain, std::string_view file,
                                        std::span<const std::string> names, WallTime now) {
  // The loader's own are about the file; its words on dates are said again here, with the present time.
  std::vector<std::string> out;
  for (const std::string& one : chain.warnings)
    if (!one.contains("the certificate ended on") && !one.contains("the certificate is valid only from"))
      out.push_back(one);
  const crypto::Certificate& leaf = chain.leaf;
  const auto day = [](WallTime t) {
    return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t)));
  };
  if (now > leaf.not_after())
    out.push_back(fmt::format("{}: the certificate ended on {}; browsers refuse it: renew it", file,
                              day(leaf.not_after())));
  else if (now < leaf.not_before())
    out.push_back(fmt::format("{}: the certificate is valid only from {}; wait, or set this machine's clock",
                              file, day(leaf.not_before())));
  else if (ends_soon(leaf, now))
    out.push_back(
        fmt::format("{}: the certificate ends on {}, and less than a quarter of its life is left: renew it",
                    file, day(leaf.not_after())));
  if (leaf.is_self_signed())
    out.push_back(fmt::format(
        "{}: the certificate is self-signed; clients refuse it unless each of them trusts it: use one "
        "from a CA, or none, then the local CA makes one for local names",
        file));
  if (leaf.key().type == crypto::KeyType::ed25519)
    out.push_back(
        fmt::format("{}: an Ed25519 key, which no browser takes in a certificate: use ECDSA P-256", file));
  for (const std::string& name : names)
    if (!covers_name(leaf, name))
      out.push_back(fmt::format(
          "{}: the certificate does not cover {}; clients refuse it there: add the name and have it "
          "made again",
          file, name));
  return out;
}

}  // namespace sally::cert
