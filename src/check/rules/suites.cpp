#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "check/rules/all.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr const char* kMend = "Allow only ECDHE with AES-GCM or ChaCha20-Poly1305.";
constexpr FindingKind kNull{"cipherlist_NULL", critical, Grade::f, "Suites without encryption are offered.", kMend, "RFC 9325 4.1"};
constexpr FindingKind kAnonymous{"cipherlist_aNULL", critical, Grade::f, "Anonymous suites are offered: anybody can stand in the middle.", kMend, "RFC 9325 4.1"};
constexpr FindingKind kExport{"cipherlist_EXPORT", critical, Grade::f, "Export suites of 40 or 56 bits are offered (FREAK, Logjam).", kMend, "CVE-2015-0204, CVE-2015-4000"};
constexpr FindingKind kLow{"cipherlist_LOW", high, Grade::f, "Suites below 112 bits are offered.", kMend, "RFC 9325 4.1"};
constexpr FindingKind kRc4{"rc4", high, Grade::c, "RC4 is offered: what it carries can be guessed.", kMend, "RFC 7465"};
constexpr FindingKind kSweet32{"sweet32", medium, Grade::c, "Ciphers with blocks of 64 bits are offered (SWEET32).", kMend, "CVE-2016-2183"};
constexpr FindingKind kMd5{"cipherlist_MD5", high, Grade::c, "Suites that protect records with MD5 are offered.", kMend, "RFC 6151"};
constexpr FindingKind kCbc{"cipherlist_OBSOLETED", low, Grade::a, "CBC suites are offered, which were broken several times (Lucky 13, Zombie POODLE).", kMend, "CVE-2013-0169"};
constexpr FindingKind kNoSecrecy{"cipherlist_NOFS", low, Grade::a, "Suites without forward secrecy are offered: whoever gets the key later reads what was recorded.", kMend, "RFC 9325 4.1"};
constexpr FindingKind kNoSecrecyAtAll{"fs.missing", high, Grade::b, "No suite with forward secrecy is offered.", kMend, "RFC 9325 4.1"};
constexpr FindingKind kNoAead{"cipherlist_STRONG_FS", medium, Grade::b, "No suite with authenticated encryption (AEAD) is offered.", kMend, "RFC 9325 4.2"};
constexpr FindingKind kShortTag{"cipherlist_CCM_8", low, Grade::a, "CCM_8 suites with tags of 64 bits are offered.", kMend, "RFC 9325 4.2"};
constexpr FindingKind kOrder{"cipher.order", low, Grade::a, "The client's order of suites counts, though weak suites are among them.",
    "Remove the weak suites; then the order does not matter.", "RFC 9325 4.2.1"};
// clang-format on

struct Offered {
  tls::SuiteFacts facts;
  std::uint16_t version;
};

std::string list(const std::vector<Offered>& found) {
  std::vector<std::string> names;
  for (const Offered& o : found) {
    std::string name(o.facts.name);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  constexpr std::size_t kShown = 6;
  const std::size_t more = names.size() > kShown ? names.size() - kShown : 0;
  names.resize(names.size() - more);
  return fmt::format("{}{}", fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace

void judge_suites(const Case& c, Findings& out) {
  std::vector<Offered> all;
  for (const VersionSeen& v : c.seen.versions)
    for (const std::uint16_t code : v.suites) all.push_back({tls::suite_facts(code), v.version});
  if (all.empty()) return;
  bool weak = false;
  const auto tell = [&](const FindingKind& kind, auto which) {
    std::vector<Offered> found;
    std::ranges::copy_if(all, std::back_inserter(found), [&](const Offered& o) { return which(o.facts); });
    if (found.empty()) return;
    weak = weak || kind.severity >= medium;
    out.add(kind, list(found) + ".");
  };
  using F = tls::SuiteFacts;
  tell(kNull, [](const F& f) { return f.null_cipher; });
  tell(kAnonymous, [](const F& f) { return f.anonymous; });
  tell(kExport, [](const F& f) { return f.exported; });
  tell(kLow, [](const F& f) { return !f.null_cipher && !f.exported && f.bits < 112; });
  tell(kRc4, [](const F& f) { return f.rc4 && !f.exported; });
  tell(kMd5, [](const F& f) { return f.md5 && !f.exported && !f.rc4 && !f.null_cipher; });
  tell(kSweet32, [](const F& f) { return f.block64 && !f.exported && f.bits >= 112; });
  tell(kCbc, [](const F& f) { return f.cbc && !f.block64 && !f.anonymous; });
  const auto secret = [](const Offered& o) { return o.facts.forward_secret && !o.facts.anonymous; };
  if (std::ranges::none_of(all, secret))
    out.add(kNoSecrecyAtAll, list(all) + ".");
  else
    tell(kNoSecrecy, [](const F& f) { return !f.forward_secret && !f.exported && !f.null_cipher; });
  if (std::ranges::none_of(all, [](const Offered& o) { return o.facts.aead; }))
    out.add(kNoAead, list(all) + ".");
  tell(kShortTag, [](const F& f) { return f.short_tag; });
  for (const VersionSeen& v : c.seen.versions)
    if (v.server_order == false && weak)
      out.add(kOrder,
              tls::version_name(v.version) + ": the same suites in another order led to another pick.");
}

}  // namespace sally::check
