#include "cert/describe.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include "cert/chain_warnings.h"
#include "crypto/chain.h"
#include "os/file.h"

namespace sally::cert {
namespace {

using crypto::Certificate;
using std::chrono::days;

/// CA/Browser Forum BR 6.3.2, from SC-081: the longest life of a public certificate by the date of its issue.
days longest_public_life(WallTime issued) {
  using namespace std::chrono;
  if (issued >= sys_days(2029y / 3 / 15)) return days(47);
  if (issued >= sys_days(2027y / 3 / 15)) return days(100);
  if (issued >= sys_days(2026y / 3 / 15)) return days(200);
  return days(398);
}
constexpr days kLongestPrivateLife{825};  // Apple refuses longer ones, also of private CAs

std::string day(WallTime t) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t))); }

std::string title(const Certificate& c) {
  if (std::string name = c.common_name(); !name.empty()) return name;
  const crypto::SubjectNames names = c.names();
  return names.dns.empty() ? c.subject() : names.dns.front();
}

std::string covered_names(const Certificate& leaf) {
  const crypto::SubjectNames names = leaf.names();
  std::vector<std::string> all = names.dns;
  all.insert(all.end(), names.addresses.begin(), names.addresses.end());
  if (all.empty()) return "nothing";
  constexpr std::size_t kShown = 8;
  const std::size_t more = all.size() > kShown ? all.size() - kShown : 0;
  all.resize(all.size() - more);
  return fmt::format("{}{}", fmt::join(all, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

class Judging {
 public:
  Judging(Description& out, const Judge& judge)
      : out_(out), judge_(judge), leaf_(out.shown.certificates.front()) {}

  void all() {
    dates();
    names();
    path();
    order();
    strength();
    lives();
    std::ranges::stable_sort(out_.problems,
                             [](const Problem& a, const Problem& b) { return a.fatal && !b.fatal; });
  }

 private:
  void bad(std::string what, std::string mend) {
    out_.problems.push_back({true, std::move(what), std::move(mend)});
  }
  void poor(std::string what, std::string mend) {
    out_.problems.push_back({false, std::move(what), std::move(mend)});
  }

  void dates() {
    if (judge_.now > leaf_.not_after())
      bad(fmt::format("It ended on {}.", day(leaf_.not_after())),
          "Renew it. If it was renewed, reload the server.");
    else if (judge_.now < leaf_.not_before())
      bad(fmt::format("It is valid only from {}.", day(leaf_.not_before())),
          "Wait until then; if today is later, set this machine's clock.");
    else if (!leaf_.is_ca() && ends_soon(leaf_, judge_.now))
      poor(fmt::format("It ends on {}, and less than a quarter of its life is left.", day(leaf_.not_after())),
           "Renew it now, and find out why nothing did so by itself.");
  }

  void names() {
    if (leaf_.is_ca()) return;
    const crypto::SubjectNames all = leaf_.names();
    if (all.dns.empty() && all.addresses.empty()) {
      bad("It has no subjectAltName, so it fits no host; clients ignore the common name.",
          "Have it made again with the host's names as subjectAltName.");
    } else if (!out_.shown.host.empty() && !leaf_.covers(out_.shown.host)) {
      bad(fmt::format("It does not cover {}. It covers {}.", out_.shown.host, covered_names(leaf_)),
          "Have it made again with this name, or correct which certificate the server shows for it.");
    }
    if (!leaf_.allows_server())
      bad("It is not for servers: extendedKeyUsage lacks serverAuth.",
          "Have it made again as a server certificate.");
  }

  void path() {
    if (out_.verdict.trusted || leaf_.is_ca()) return;
    const Certificate& last = out_.verdict.path.empty() ? leaf_ : out_.verdict.path.back();
    if (leaf_.is_self_signed())
      return bad("It is self-signed: nobody else vouches for it.",
                 "Use one from a public CA; for local names use the local CA: sallyport serve, then "
                 "sallyport cert trust.");
    switch (out_.verdict.code) {
      case X509_V_ERR_CERT_HAS_EXPIRED:
      case X509_V_ERR_CERT_NOT_YET_VALID:
      case X509_V_ERR_INVALID_PURPOSE:
        if (out_.verdict.at == leaf_.subject()) return;  // said already, in better words
        return bad(
            fmt::format("A certificate above it cannot be used: {}: {}.", out_.verdict.at, out_.verdict.why),
            "Get the present intermediates from the CA and put them behind the certificate.");
      default:
        break;
    }
    if (out_.by_local_ca)
      return bad("It is by this user's local CA, which the system does not trust.",
                 "Run: sallyport cert trust");
    if (last.is_self_signed())
      return bad(fmt::format("It leads to the root \"{}\", which this system does not trust.", title(last)),
                 "Use a certificate from a public CA, or have every client trust that root.");
    if (!last.issuer_urls().empty())
      return bad(
          fmt::format(
              "The chain is broken off: the certificate of \"{}\" is missing. Browsers may fetch it, other "
              "clients fail.",
              last.issuer_common_name()),
          fmt::format("Put it behind the others in the certificate file; it is at {}",
                      last.issuer_urls().front()));
    bad(fmt::format("It leads to \"{}\", which is not known here: {}.", last.issuer_common_name(),
                    out_.verdict.why),
        "If that is a private CA, have every client trust its root; else put the missing intermediates into "
        "the file.");
  }

  void order() {
    const std::vector<Certificate>& sent = out_.shown.certificates;
    if (sent.size() < 2) return;
    const std::vector<Certificate> rest(sent.begin() + 1, sent.end());
    const std::vector<Certificate> path = crypto::path_above(leaf_, rest);
    std::vector<Certificate> used;
    for (const Certificate& one : rest) {
      if (std::ranges::find(path, one) != path.end())
        used.push_back(one);
      else if (one.is_self_signed())
        poor(fmt::format(
                 "The root \"{}\" is sent along, though clients have it or will not take it from here.",
                 title(one)),
             "Remove it from the certificate file: it costs bytes in every handshake.");
      else
        poor(fmt::format("\"{}\" is sent along and is not part of the chain.", title(one)),
             "Remove it from the certificate file.");
    }
    // RFC 8446 4.4.2: clients should bear any order, older ones do not.
    if (used != path)
      poor("The intermediates are not in order, or one is there twice.",
           "Put each behind the one that it signed.");
  }

  void strength() {
    for (const Certificate& one : out_.shown.certificates) {
      const std::string who = one == leaf_ ? "It" : "\"" + title(one) + "\"";
      if (const crypto::KeyFacts key = one.key(); key.too_weak)
        bad(fmt::format("{} has a key that is too weak: {}.", who, key.text),
            "Make a new key (ECDSA P-256) and have a certificate made for it.");
      if (one.has_weak_signature())
        bad(fmt::format("{} is signed with {}, which can be forged.", who, one.signature_algorithm()),
            "Have it made again by a present CA.");
    }
    if (leaf_.key().type == crypto::KeyType::ed25519)
      poor("It has an Ed25519 key, which browsers do not take in certificates.", "Use ECDSA P-256.");
  }

  void lives() {
    if (leaf_.is_ca()) return;
    const auto life = leaf_.not_after() - leaf_.not_before();
    // Certificates of public CAs say where their issuer's is; those of private CAs hardly ever do.
    const bool is_public = out_.verdict.trusted && !out_.by_local_ca && !leaf_.issuer_urls().empty();
    const days longest = is_public ? longest_public_life(leaf_.not_before()) : kLongestPrivateLife;
    if (life > longest + days(1))
      bad(fmt::format("It lives {} days, and {} accept at most {}.", std::chrono::floor<days>(life).count(),
                      is_public ? "browsers" : "Apple's clients", longest.count()),
          "Have it made again with a shorter life.");
    if (is_public && leaf_.sct_count() == 0)
      poor("It holds no proof that it was logged (certificate transparency).",
           "If browsers report CERTIFICATE_TRANSPARENCY_REQUIRED, have it made again by a CA that logs.");
  }

  Description& out_;
  const Judge& judge_;
  const Certificate leaf_;
};

}  // namespace

bool Description::acceptable() const { return std::ranges::none_of(problems, &Problem::fatal); }

Description describe(Shown shown, const Judge& judge) {
  Description out{std::move(shown), judge.now, {}, false, {}};
  // In a file with a CA in front, the host's certificate is what is meant.
  std::vector<Certificate>& sent = out.shown.certificates;
  const auto host = std::ranges::find_if_not(sent, &Certificate::is_ca);
  if (host != sent.begin() && host != sent.end()) {
    std::rotate(sent.begin(), host, host + 1);
    out.problems.push_back(
        {true, "It is not the first certificate; servers that send the file as it is show the wrong one.",
         "Put the host's own certificate first, then the one that signed it, and so on."});
  }
  const std::vector<Certificate>& all = out.shown.certificates;
  out.verdict = judge.roots.verify(all.front(), std::span(all).subspan(1), judge.now);
  if (judge.local_root)
    out.by_local_ca = all.front() == *judge.local_root || all.front().is_signed_by(*judge.local_root);
  Judging(out, judge).all();
  return out;
}

Result<crypto::TrustStore> system_roots() {
  constexpr crypto::CertificateLimits kLimits{std::size_t{8} << 20, 2000};
  std::vector<std::string> files = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                                    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
  if (const char* named = std::getenv("SSL_CERT_FILE"); named && *named) files = {named};
  for (const std::string& file : files) {
    const auto text = read_file(file, kLimits.bytes);
    if (!text && text.error().is(kNotFound)) continue;
    if (!text) return fail(text.error().kind(), std::string(text.error().detail()));
    TRY(const auto roots, crypto::parse_certificates(as_bytes(text->text), kLimits));
    return crypto::TrustStore::of(roots);
  }
  return fail(kNotFound,
              "no file of trusted roots: " + files.front() + " and its kin; install ca-certificates");
}

}  // namespace sally::cert
