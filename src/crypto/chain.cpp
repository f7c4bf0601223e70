#include "crypto/chain.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace sally::crypto {
namespace {

std::string date(WallTime when) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(when)));
}

std::string title(const Certificate& certificate) {
  const std::string name = certificate.common_name();
  if (!name.empty()) return name;
  const SubjectNames names = certificate.names();
  if (!names.dns.empty()) return names.dns.front();
  return "serial " + certificate.serial();
}

void warn_about_leaf(const Certificate& leaf, std::string_view file, WallTime now,
                     std::vector<std::string>& out) {
  if (now > leaf.not_after())
    out.push_back(fmt::format("{}: the certificate ended on {}; browsers refuse it: renew it", file,
                              date(leaf.not_after())));
  if (now < leaf.not_before())
    out.push_back(fmt::format("{}: the certificate is valid only from {}; wait, or set this machine's clock",
                              file, date(leaf.not_before())));
  if (!leaf.allows_server())
    out.push_back(
        fmt::format("{}: extendedKeyUsage lacks serverAuth; clients refuse it: have it made again", file));
  const SubjectNames names = leaf.names();
  if (names.dns.empty() && names.addresses.empty())
    out.push_back(fmt::format(
        "{}: the certificate has no subjectAltName, so it fits no host: have it made again", file));
  if (leaf.has_weak_signature())
    out.push_back(fmt::format("{}: signed with {}, which can be forged: have it made again", file,
                              leaf.signature_algorithm()));
}

void warn_about_path(const std::vector<Certificate>& all, const CertificateChain& chain,
                     std::string_view file, std::vector<std::string>& out) {
  if (!(all.front() == chain.leaf))
    out.push_back(fmt::format(
        "{}: the server's certificate is not the first one; it is sent first all the same", file));
  // Read in file order, the certificates that are used must be the path itself.
  std::vector<Certificate> used;
  for (const Certificate& one : all)
    if (std::ranges::find(chain.intermediates, one) != chain.intermediates.end()) used.push_back(one);
  if (!std::ranges::equal(used, chain.intermediates))
    out.push_back(fmt::format("{}: intermediates are out of order or doubled; they are sent in order", file));
  for (const Certificate& one : all) {
    if (one == chain.leaf || std::ranges::find(chain.intermediates, one) != chain.intermediates.end())
      continue;
    out.push_back(one.is_self_signed()
                      ? fmt::format("{}: holds the root \"{}\", which clients have already; it is not sent",
                                    file, title(one))
                      : fmt::format("{}: \"{}\" is not part of the chain; it is not sent", file, title(one)));
  }
  const Certificate& last = chain.intermediates.empty() ? chain.leaf : chain.intermediates.back();
  const bool root_is_here =
      std::ranges::any_of(all, [&](const Certificate& c) { return last.is_signed_by(c); });
  // A certificate made directly by a private root has no address of its issuer; a public one always has.
  if (chain.intermediates.empty() && !root_is_here && !last.issuer_urls().empty())
    out.push_back(fmt::format(
        "{}: the intermediate \"{}\" is missing; browsers may manage, other clients fail: append it, "
        "it is at {}",
        file, last.issuer_common_name(), last.issuer_urls().front()));
}

}  // namespace

Sha256 CertificateChain::fingerprint() const {
  std::string all = leaf.der();
  for (const Certificate& one : intermediates) all += one.der();
  return sha256(all);
}

std::vector<Certificate> path_above(const Certificate& leaf, const std::vector<Certificate>& pool) {
  std::vector<Certificate> path;
  const Certificate* last = &leaf;
  while (path.size() < pool.size()) {
    const auto next = std::ranges::find_if(pool, [&](const Certificate& candidate) {
      return !(candidate == leaf) && std::ranges::find(path, candidate) == path.end() && candidate.is_ca() &&
             !candidate.is_self_signed() && last->is_signed_by(candidate);
    });
    if (next == pool.end()) break;
    path.push_back(*next);
    last = &*next;
  }
  return path;
}

Result<CertificateChain> load_chain(NamedBytes certificates, NamedBytes key_file, WallTime now) {
  auto all = parse_certificates(certificates.bytes);
  if (!all)
    return std::unexpected(
        fail(kChainUnusable, std::string(certificates.name)).error().because(std::move(all).error()));
  auto key = PrivateKey::from_pem(key_file.bytes);
  if (!key)
    return std::unexpected(
        fail(kKeyUnusable, std::string(key_file.name)).error().because(std::move(key).error()));

  const auto leaf = std::ranges::find_if(*all, [&](const Certificate& c) { return key->matches(c); });
  if (leaf == all->end())
    return fail(kKeyMismatch,
                fmt::format("{} holds {}; {} holds \"{}\", which wants {}", key_file.name, key->facts().text,
                            certificates.name, title(all->front()), all->front().key().text));
  if (leaf->is_ca() && leaf->names().dns.empty() && leaf->names().addresses.empty())
    return fail(kLeafIsCa, fmt::format("{}: \"{}\"", certificates.name, title(*leaf)));

  CertificateChain chain{*leaf, path_above(*leaf, *all), *std::move(key), {}};
  warn_about_leaf(chain.leaf, certificates.name, now, chain.warnings);
  warn_about_path(*all, chain, certificates.name, chain.warnings);
  return chain;
}

}  // namespace sally::crypto
