#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "check/rules/all.h"
#include "crypto/chain.h"
#include "crypto/ocsp_answer.h"
#include "http/date.h"

namespace sally::check {
namespace {

using crypto::Certificate;
using std::chrono::days;
using enum Severity;
// clang-format off
constexpr FindingKind kUntrusted{"chain_of_trust", critical, Grade::t, "The certificate does not lead to a trusted root.",
    "Use a certificate from a public CA; for a private CA let every client trust its root, and name it here with --ca.", "RFC 5280 6"};
constexpr FindingKind kSelfSigned{"chain_of_trust", critical, Grade::t, "The certificate is self-signed: nobody else vouches for it.",
    "Use a certificate from a public CA, or one from a private CA whose root the clients trust.", "RFC 5280 6"};
constexpr FindingKind kIncomplete{"chain.missing_intermediate", high, Grade::b, "The chain is not complete: an intermediate certificate is missing.",
    "Put it behind the server's certificate in the certificate file. Browsers may fetch it by themselves, other clients fail.", "RFC 8446 4.4.2"};
constexpr FindingKind kOrder{"chain.order", medium, Grade::b, "The certificates are not in order.", "Put the server's own first, then each behind the one that it signed.", "RFC 8446 4.4.2"};
constexpr FindingKind kAboveExpired{"chain.expired", critical, Grade::t, "A certificate above the server's own is not valid at this time.",
    "Replace the intermediate certificates by those that the CA gives out now. Firefox says SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE.", "RFC 5280 6.1.3"};
constexpr FindingKind kConstraint{"chain.name_constraints", critical, Grade::t, "An authority in the chain may not vouch for this name.",
    "Have the certificate made by a CA whose name constraints allow the name. Chrome says ERR_CERT_NAME_CONSTRAINT_VIOLATION.", "RFC 5280 4.2.1.10"};
constexpr FindingKind kNotCa{"chain.not_a_ca", critical, Grade::t, "A certificate in the chain was signed by one that is no authority.",
    "Replace the chain by the one that the CA gives out.", "RFC 5280 4.2.1.9"};
constexpr FindingKind kExtra{"chain.extra", info, Grade::a_plus, "Certificates are sent that the chain does not need.", "Remove them from the certificate file: they cost bytes in every handshake.", ""};
constexpr FindingKind kName{"cert_trust", critical, Grade::m, "The certificate is for other names.",
    "Have it made again with this name as subjectAltName, or correct which certificate the server shows. Chrome says ERR_CERT_COMMON_NAME_INVALID, Firefox SSL_ERROR_BAD_CERT_DOMAIN.", "RFC 9525 6"};
constexpr FindingKind kExpired{"cert_notAfter", critical, Grade::t, "The certificate has expired.",
    "Renew it and reload the server; if it was renewed, the server still shows the old one. Chrome says ERR_CERT_DATE_INVALID, Firefox SEC_ERROR_EXPIRED_CERTIFICATE.", "RFC 5280 4.1.2.5"};
constexpr FindingKind kNotYet{"cert_notBefore", critical, Grade::t, "The certificate is not valid yet.", "Wait until then; if today is later, set this machine's clock.", "RFC 5280 4.1.2.5"};
constexpr FindingKind kClock{"reach.clock", critical, Grade::t, "This machine's clock and the server's differ by more than a day, and the certificate is valid by the server's.",
    "Set this machine's clock (NTP). Chrome shows a page about the clock, Firefox says SEC_ERROR_EXPIRED_CERTIFICATE or MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE.", "RFC 5280 4.1.2.5"};
constexpr FindingKind kEndsSoon{"cert_expiry", medium, Grade::b, "Less than a quarter of the certificate's life is left.", "Renew it now, and find out why nothing did so by itself.", ""};
constexpr FindingKind kLong{"cert_extlifeSpan", medium, Grade::b, "The certificate lives longer than clients accept.", "Have it made again with a shorter life.", "CA/Browser Forum BR 6.3.2"};
constexpr FindingKind kWeakKey{"cert_keySize", high, Grade::c, "A key in the chain is too weak.", "Make a new key (ECDSA P-256 or RSA 2048) and have a certificate made for it.", "CA/Browser Forum BR 6.1.5"};
constexpr FindingKind kWeakSignature{"cert_signatureAlgorithm", high, Grade::t, "A certificate in the chain is signed by a method that can be forged.", "Have it made again by a present CA.", "RFC 9155"};
constexpr FindingKind kPurpose{"cert.eku", high, Grade::t, "The certificate is not for servers: extendedKeyUsage lacks serverAuth.", "Have it made again as a server certificate.", "RFC 5280 4.2.1.12"};
constexpr FindingKind kNoLog{"cert.sct", medium, Grade::b, "No proof is shown that the certificate was logged (certificate transparency).", "Have it made again by a CA that logs. Chrome says ERR_CERTIFICATE_TRANSPARENCY_REQUIRED.", "RFC 6962"};
constexpr FindingKind kMustStaple{"cert.must_staple", medium, Grade::b, "The certificate demands a stapled OCSP answer, and none is sent.", "Turn stapling on, or have the certificate made again without that demand.", "RFC 7633"};
constexpr FindingKind kUnreadable{"cert.unreadable", critical, Grade::t, "A certificate that the server sends cannot be read.", "Replace it.", "RFC 5280 4.1"};
// clang-format on

std::string day(WallTime t) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t))); }

std::string title(const Certificate& c) {
  const std::string name = c.common_name();
  return name.empty() ? c.subject() : name;
}

std::string covered(const Certificate& leaf) {
  const crypto::SubjectNames names = leaf.names();
  std::vector<std::string> all = names.dns;
  all.insert(all.end(), names.addresses.begin(), names.addresses.end());
  if (all.empty()) return "no name at all (the common name does not count)";
  constexpr std::size_t kShown = 6;
  const std::size_t more = all.size() > kShown ? all.size() - kShown : 0;
  all.resize(all.size() - more);
  return fmt::format("{}{}", fmt::join(all, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

/// CA/Browser Forum BR 6.3.2: the longest life by the date of issue.
days longest_life(WallTime issued, bool is_public) {
  using namespace std::chrono;
  if (!is_public) return days(825);  // Apple's clients refuse longer ones, of private CAs too
  if (issued >= sys_days(2029y / 3 / 15)) return days(47);
  if (issued >= sys_days(2027y / 3 / 15)) return days(100);
  if (issued >= sys_days(2026y / 3 / 15)) return days(200);
  return days(398);
}

class Judging {
 public:
  Judging(const Case& c, Findings& out)
      : c_(c), out_(out), sent_(c.seen.handshake->certificates), leaf_(sent_.front()) {}

  void all() {
    verdict_ = c_.roots.verify(leaf_, std::span(sent_).subspan(1), c_.seen.now);
    dates();
    // OpenVPN's clients look at the issuer and the use, not at the host's name.
    const bool by_name = !c_.target.protocol || c_.target.protocol->entry != proto::TlsEntry::packed;
    if (by_name && !leaf_.covers(c_.target.host))
      out_.add(kName, fmt::format("It does not cover {}. It covers {}.", c_.target.host, covered(leaf_)));
    if (!leaf_.allows_server())
      out_.add(kPurpose, fmt::format("It is for {}.", fmt::join(leaf_.extended_key_usage(), ", ")));
    path();
    order();
    strength();
    lives();
  }

 private:
  /// The server's clock, by the Date of its answer.
  std::optional<WallTime> server_time() const {
    const std::string* const text = c_.seen.http ? c_.seen.http->field("date") : nullptr;
    const auto seconds = text ? http::parse_date(*text) : std::nullopt;
    if (!seconds) return std::nullopt;
    return WallTime(std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, 9'000'000'000)));
  }

  bool clock_is_wrong() const {
    const auto theirs = server_time();
    if (!theirs || *theirs < leaf_.not_before() || *theirs > leaf_.not_after()) return false;
    return std::chrono::abs(*theirs - c_.seen.now) > days(1);
  }

  void dates() {
    const bool valid = c_.seen.now >= leaf_.not_before() && c_.seen.now <= leaf_.not_after();
    if (!valid && clock_is_wrong())
      return out_.add(kClock, fmt::format("Here it is {}, there {}; the certificate lives from {} to {}.",
                                          day(c_.seen.now), day(*server_time()), day(leaf_.not_before()),
                                          day(leaf_.not_after())));
    if (c_.seen.now > leaf_.not_after())
      return out_.add(kExpired, fmt::format("It ended on {}.", day(leaf_.not_after())));
    if (c_.seen.now < leaf_.not_before())
      return out_.add(kNotYet, fmt::format("It begins on {}.", day(leaf_.not_before())));
    if ((leaf_.not_after() - c_.seen.now) * 4 < leaf_.not_after() - leaf_.not_before())
      out_.add(kEndsSoon, fmt::format("It ends on {}.", day(leaf_.not_after())));
  }

  void path() {
    if (verdict_.trusted) return;
    if (leaf_.is_self_signed())
      return out_.add(kSelfSigned, fmt::format("\"{}\" signed itself.", title(leaf_)));
    const bool about_leaf = verdict_.at == leaf_.subject();
    // Said already, in better words.
    if (about_leaf &&
        (verdict_.code == X509_V_ERR_CERT_HAS_EXPIRED || verdict_.code == X509_V_ERR_CERT_NOT_YET_VALID ||
         verdict_.code == X509_V_ERR_INVALID_PURPOSE))
      return;
    if (const FindingKind* const kind = kind_of_path_fault())
      return out_.add(*kind, fmt::format("At \"{}\": {}.", verdict_.at, verdict_.why));
    const Certificate& last = verdict_.path.empty() ? leaf_ : verdict_.path.back();
    if (!last.is_self_signed() && !last.issuer_urls().empty())
      return out_.add(kIncomplete, fmt::format("The certificate of \"{}\" is missing; it is at {}.",
                                               last.issuer_common_name(), last.issuer_urls().front()));
    if (!last.is_self_signed() && sent_.size() == 1)
      return out_.add(kUntrusted,
                      fmt::format("Only the server's certificate is sent, and its issuer \"{}\" is not known "
                                  "here: a private CA, or its intermediate is missing.",
                                  last.issuer_common_name()));
    out_.add(kUntrusted, fmt::format("It leads to \"{}\": {}.", title(last), verdict_.why));
  }

  /// nullptr: no path was found at all.
  const FindingKind* kind_of_path_fault() const {
    switch (verdict_.code) {
      case X509_V_ERR_CERT_HAS_EXPIRED:
      case X509_V_ERR_CERT_NOT_YET_VALID:
        return &kAboveExpired;
      case X509_V_ERR_PERMITTED_VIOLATION:
      case X509_V_ERR_EXCLUDED_VIOLATION:
        return &kConstraint;
      case X509_V_ERR_INVALID_CA:
      case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
      case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return &kNotCa;
      default:
        return nullptr;
    }
  }

  void order() {
    const std::vector<Certificate> rest(sent_.begin() + 1, sent_.end());
    const std::vector<Certificate> path = crypto::path_above(leaf_, rest);
    std::vector<Certificate> used;
    std::vector<std::string> extra;
    for (const Certificate& one : rest) {
      if (std::ranges::find(path, one) != path.end())
        used.push_back(one);
      else
        extra.push_back("\"" + title(one) + "\"");
    }
    if (used != path)
      out_.add(kOrder, "An intermediate stands before the one that it signed, or is there twice.");
    if (!extra.empty()) out_.add(kExtra, fmt::format("{}.", fmt::join(extra, ", ")));
  }

  void strength() {
    for (const Certificate& one : sent_) {
      if (const crypto::KeyFacts key = one.key(); key.too_weak)
        out_.add(kWeakKey, fmt::format("\"{}\" has {}.", title(one), key.text));
      if (one.has_weak_signature())
        out_.add(kWeakSignature,
                 fmt::format("\"{}\" is signed with {}.", title(one), one.signature_algorithm()));
    }
  }

  void lives() {
    const auto life = std::chrono::floor<days>(leaf_.not_after() - leaf_.not_before());
    // Certificates of public CAs say where their issuer's is; those of private CAs hardly ever do.
    const bool is_public = verdict_.trusted && !leaf_.issuer_urls().empty();
    const days longest = longest_life(leaf_.not_before(), is_public);
    if (life > longest)
      out_.add(kLong, fmt::format("It lives {} days, and {} are the limit.", life.count(), longest.count()));
    if (is_public && leaf_.sct_count() == 0 && !c_.seen.handshake->scts_in_handshake && !staple_has_scts())
      out_.add(kNoLog,
               "No signed certificate timestamp in the certificate, the handshake or the stapled answer.");
    if (leaf_.must_staple() && !c_.seen.handshake->stapled)
      out_.add(kMustStaple, "The TLS feature extension holds status_request.");
  }

  bool staple_has_scts() const {
    const auto answer =
        crypto::read_ocsp_answer(as_bytes(std::string_view(c_.seen.handshake->staple)), leaf_, nullptr);
    return answer && answer->scts > 0;
  }

  const Case& c_;
  Findings& out_;
  const std::vector<Certificate>& sent_;
  const Certificate leaf_;
  crypto::TrustVerdict verdict_;
};

}  // namespace

void judge_certificate(const Case& c, Findings& out) {
  if (!c.seen.handshake) return;
  if (!c.seen.handshake->unreadable.empty()) out.add(kUnreadable, c.seen.handshake->unreadable);
  if (!c.seen.handshake->certificates.empty()) Judging(c, out).all();
}

}  // namespace sally::check
