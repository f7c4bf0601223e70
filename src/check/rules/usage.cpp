// What the certificates are for, who made them, and what clients without a name get.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/ascii.h"
#include "check/rules/all.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

using crypto::Certificate;
using enum Severity;
// clang-format off
constexpr FindingKind kKeyUsage{"cert.key_usage", high, Grade::c, "The certificate's key may not sign, but every handshake with forward secrecy is signed with it.",
    "Have it made again with keyUsage digitalSignature. Chrome says ERR_SSL_KEY_USAGE_INCOMPATIBLE, Firefox SEC_ERROR_INADEQUATE_KEY_USAGE.", "RFC 8446 4.4.2.2"};
constexpr FindingKind kLeafIsCa{"cert.leaf_is_ca", medium, Grade::b, "The server shows a certificate of an authority as its own: whoever takes its key can vouch for any name.",
    "Have a certificate made for the server that is no CA (basicConstraints CA:FALSE).", "RFC 5280 4.2.1.9"};
constexpr FindingKind kProxy{"cert.interception", high, Grade::t, "The certificate comes from a product that opens TLS connections on their way: this is not the server's own.",
    "Check from a network without that product, or exempt this name from its inspection.", ""};
constexpr FindingKind kStolenRoot{"cert.known_bad_issuer", critical, Grade::t, "The issuer's private key is public: anybody can make such certificates.",
    "Remove that root from every client, and have a certificate made by a public CA.", "CERT VU#529496, VU#870761"};
constexpr FindingKind kNameless{"cert.without_sni", info, Grade::a_plus, "A client that sends no server name gets another certificate.",
    "Nothing need be changed unless such old clients matter.", "RFC 6066 3"};
constexpr FindingKind kOtherLeaf{"cert.second_certificate", high, Grade::c, "Some clients are shown a second certificate, and that one is not sound.",
    "Renew it together with the first, or remove it and its key from the configuration.", "RFC 5280 4.1.2.5"};
// clang-format on

struct Product {
  const char* mark;  ///< in the issuer's name, in lower case
  const char* name;
};
constexpr Product kProducts[] = {
    {"zscaler", "Zscaler"},
    {"fortinet", "Fortinet FortiGate"},
    {"fortigate", "Fortinet FortiGate"},
    {"netskope", "Netskope"},
    {"cisco umbrella", "Cisco Umbrella"},
    {"blue coat", "Symantec ProxySG"},
    {"bluecoat", "Symantec ProxySG"},
    {"palo alto networks", "Palo Alto Networks"},
    {"sophos", "Sophos"},
    {"watchguard", "WatchGuard"},
    {"barracuda", "Barracuda"},
    {"check point", "Check Point"},
    {"untangle", "Untangle"},
    {"kaspersky", "Kaspersky"},
    {"avast", "Avast"},
    {"avg web", "AVG"},
    {"eset ssl filter", "ESET"},
    {"bitdefender", "Bitdefender"},
    {"mitmproxy", "mitmproxy"},
    {"portswigger", "Burp"},
    {"charles proxy", "Charles"},
    {"do_not_trust_fiddlerroot", "Fiddler"},
};
constexpr Product kStolen[] = {
    {"superfish", "Superfish"}, {"edellroot", "eDellRoot"}, {"dsdtestprovider", "DSDTestProvider"}};

template <std::size_t N>
const Product* product_of(const Product (&rows)[N], const std::string& issuer) {
  const std::string name = ascii_lower(issuer);
  const auto* const found =
      std::ranges::find_if(rows, [&](const Product& p) { return name.contains(p.mark); });
  return found == std::end(rows) ? nullptr : found;
}

std::string day(WallTime t) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t))); }

void judge_issuer(const Certificate& leaf, bool trusted_by_public, Findings& out) {
  if (const Product* const p = product_of(kStolen, leaf.issuer()))
    return out.add(kStolenRoot, fmt::format("The issuer is \"{}\" ({}).", leaf.issuer(), p->name));
  // Makers of such products have public certificates too, for their own sites.
  if (trusted_by_public) return;
  if (const Product* const p = product_of(kProducts, leaf.issuer()))
    out.add(kProxy, fmt::format("The issuer is \"{}\", as {} writes it.", leaf.issuer(), p->name));
}

void judge_leaf(const Case& c, const Certificate& leaf, Findings& out) {
  const std::vector<std::string> usage = leaf.key_usage();
  if (!usage.empty() && std::ranges::find(usage, "digitalSignature") == usage.end())
    out.add(kKeyUsage, fmt::format("It says {}.", fmt::join(usage, ", ")));
  // A self-signed one often is its own authority, and is told as self-signed.
  if (leaf.is_ca() && !leaf.is_self_signed()) out.add(kLeafIsCa, fmt::format("\"{}\".", leaf.subject()));
  const auto& sent = c.seen.handshake->certificates;
  const bool by_system =
      c.roots.system && c.roots.system->verify(leaf, std::span(sent).subspan(1), c.seen.now).trusted;
  judge_issuer(leaf, by_system, out);
}

/// RSA and ECDSA side by side: one of them is easily forgotten.
void judge_other_leaves(const Case& c, const Certificate& first, Findings& out) {
  std::vector<std::string> told;
  for (const VersionSeen& v : c.seen.versions)
    for (const std::string& der : v.leaves) {
      const auto other = Certificate::from_der(as_bytes(der));
      if (!other || *other == first || std::ranges::find(told, der) != told.end()) continue;
      told.push_back(der);
      const std::string which = fmt::format("That with the key {}", other->key().text);
      if (c.seen.now > other->not_after())
        out.add(kOtherLeaf, fmt::format("{} ended on {}.", which, day(other->not_after())));
      else if (!other->covers(c.target.host))
        out.add(kOtherLeaf, fmt::format("{} does not cover {}.", which, c.target.host));
    }
}

void judge_nameless(const Case& c, const Certificate& first, Findings& out) {
  if (!c.seen.nameless || c.seen.nameless->leaf.empty()) return;
  const auto leaf = Certificate::from_der(as_bytes(c.seen.nameless->leaf));
  // Another certificate for the same name is another key's, not another site's.
  if (leaf && *leaf != first && !leaf->covers(c.target.host))
    out.add(kNameless, fmt::format("It is that of \"{}\".", leaf->subject()));
}

}  // namespace

void judge_usage(const Case& c, Findings& out) {
  if (!c.seen.handshake || c.seen.handshake->certificates.empty()) return;
  const Certificate& leaf = c.seen.handshake->certificates.front();
  judge_leaf(c, leaf, out);
  judge_other_leaves(c, leaf, out);
  judge_nameless(c, leaf, out);
}

}  // namespace sally::check
