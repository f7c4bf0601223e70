#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "check/ike_seen.h"
#include "check/rules/all.h"
#include "proto/ike/transforms.h"

namespace sally::check {
namespace {

using enum Severity;
using ike::Strength;
// clang-format off
constexpr FindingKind kVersion1{"ipsec.ikev1", medium, Grade::b, "IKEv1 is spoken, which was given up in 2023.",
    "Speak version 2 alone; every client of the last ten years does.", "RFC 9395 3"};
constexpr FindingKind kAggressive{"ipsec.aggressive", high, Grade::c, "IKEv1's aggressive mode sends a hash over the shared key to anybody: the key can be guessed without asking again.",
    "Switch aggressive mode off; speak version 2 alone.", "CVE-2002-1623"};
constexpr FindingKind kAggressiveMode{"ipsec.aggressive_mode", medium, Grade::b, "IKEv1's aggressive mode is spoken: names go in plain text.",
    "Switch aggressive mode off; speak version 2 alone.", "RFC 9395 3"};
constexpr FindingKind kWeakVersion1{"ipsec.ikev1_weak", high, Grade::c, "IKEv1 takes weak transforms.",
    "Take AES with SHA-256 and a group of 2048 bits or more alone, or speak version 2 alone.", "RFC 8247 2.4, CVE-2015-4000"};
constexpr FindingKind kGroupBroken{"ipsec.group_broken", high, Grade::c, "Key exchanges are taken that can be broken.", "Leave them out.", "RFC 8247 2.4, CVE-2015-4000"};
constexpr FindingKind kGroupWeak{"ipsec.group_weak", medium, Grade::b, "Weak key exchanges are taken.", "Leave them out.", "RFC 8247 2.4"};
constexpr FindingKind kGroupOld{"ipsec.group_old", low, Grade::a, "Outdated key exchanges are taken.", "Leave them out.", "NIST SP 800-131A"};
constexpr FindingKind kCipherBroken{"ipsec.cipher_broken", high, Grade::f, "Encryption is taken that can be broken, or none.", "Leave it out.", "RFC 9395 5"};
constexpr FindingKind kCipherWeak{"ipsec.cipher_weak", medium, Grade::b, "Weak encryption is taken.", "Leave it out.", "CVE-2016-2183"};
constexpr FindingKind kCipherOld{"ipsec.cipher_old", low, Grade::a, "Encryption with short seals is taken.", "Take the same with seals of 16 octets.", "RFC 8247 2.1"};
constexpr FindingKind kPrfWeak{"ipsec.prf_weak", medium, Grade::b, "Keys may be derived by MD5.", "Leave it out.", "RFC 8247 2.2, RFC 9395 5"};
constexpr FindingKind kPrfOld{"ipsec.prf_old", low, Grade::a, "Keys may be derived by SHA-1.", "Take SHA-256 or more.", "RFC 8247 2.2"};
constexpr FindingKind kSealWeak{"ipsec.integrity_weak", medium, Grade::b, "Messages may be sealed by MD5.", "Leave it out.", "RFC 8247 2.3, RFC 9395 5"};
constexpr FindingKind kSealOld{"ipsec.integrity_old", low, Grade::a, "Messages may be sealed by SHA-1.", "Take SHA-256 or more, or AES-GCM.", "RFC 8247 2.3"};
constexpr FindingKind kNoPostQuantum{"ipsec.post_quantum", low, Grade::a, "No post-quantum key exchange is taken: what is recorded today may be read by a quantum computer later.",
    "Take ML-KEM-768 behind the usual key exchange (strongSwan 6.0 or newer).", "RFC 9370, FIPS 203"};
constexpr FindingKind kNoFragments{"ipsec.fragmentation", low, Grade::a, "Messages of IKE are not cut into pieces: large ones, with certificates or ML-KEM, are lost on the way.",
    "Switch fragmentation on.", "RFC 7383"};
constexpr FindingKind kNoNatPort{"ipsec.nat_traversal", low, Grade::a, "Port 4500 does not answer: whoever is behind a translator of addresses cannot connect.",
    "Let UDP port 4500 through the firewall.", "RFC 7296 2.23"};
constexpr FindingKind kSignatureSha1{"ipsec.signature_sha1", low, Grade::a, "Signatures over SHA-1 are asked for.", "Take SHA-256 or more.", "RFC 8247 3.2"};
// clang-format on

struct KindRow {
  std::uint8_t type;
  Strength strength;
  const FindingKind* kind;
};
constexpr KindRow kKinds[] = {
    {ike::kGroup, Strength::broken, &kGroupBroken},   {ike::kGroup, Strength::weak, &kGroupWeak},
    {ike::kGroup, Strength::old, &kGroupOld},         {ike::kEncryption, Strength::broken, &kCipherBroken},
    {ike::kEncryption, Strength::weak, &kCipherWeak}, {ike::kEncryption, Strength::old, &kCipherOld},
    {ike::kPrf, Strength::weak, &kPrfWeak},           {ike::kPrf, Strength::old, &kPrfOld},
    {ike::kIntegrity, Strength::weak, &kSealWeak},    {ike::kIntegrity, Strength::old, &kSealOld},
};

std::string names(const std::vector<ike::Transform>& all) {
  std::vector<std::string> out;
  for (const ike::Transform& one : all) out.push_back(ike::name_of(one));
  return fmt::format("{}", fmt::join(out, ", "));
}

/// Those of this strength, with the reason behind each.
std::string named(const std::vector<ike::Transform>& taken, Strength strength) {
  std::vector<std::string> out;
  for (const ike::Transform& one : taken)
    if (const auto* const facts = ike::facts_of(one); facts && facts->strength == strength)
      out.push_back(fmt::format("{} ({})", facts->name, facts->why));
  return fmt::format("{}", fmt::join(out, ", "));
}

bool post_quantum(const std::vector<ike::Transform>& all) {
  return std::ranges::any_of(all, [](const ike::Transform& one) {
    const auto* const facts = ike::facts_of(one);
    return facts && facts->post_quantum;
  });
}

void judge_version2(const IkeV2Seen& v2, Findings& out) {
  for (const auto* const list : {&v2.groups, &v2.encryption, &v2.prf, &v2.integrity})
    for (const KindRow& row : kKinds)
      if (!list->empty() && list->front().type == row.type)
        if (const std::string text = named(*list, row.strength); !text.empty())
          out.add(*row.kind, text + ".");
  if (!post_quantum(v2.groups) && !post_quantum(v2.additional) && v2.complete)
    out.add(kNoPostQuantum, fmt::format("Taken are {}.", names(v2.groups)));
  if (v2.chosen && !v2.fragmentation)
    out.add(kNoFragments, "Its first answer has no IKEV2_FRAGMENTATION_SUPPORTED.");
  constexpr std::uint16_t kSha1 = 1;
  if (std::ranges::find(v2.signature_hashes, kSha1) != v2.signature_hashes.end())
    out.add(kSignatureSha1, "SIGNATURE_HASH_ALGORITHMS names SHA-1.");
}

void judge_version1(const IkeSeen& seen, Findings& out) {
  if (seen.main_mode || seen.aggressive)
    out.add(kVersion1,
            fmt::format("It took {}.", (seen.main_mode ? *seen.main_mode : *seen.aggressive).text()));
  if (seen.weak_mode) out.add(kWeakVersion1, fmt::format("It took {}.", seen.weak_mode->text()));
  if (seen.gave_hash)
    out.add(kAggressive,
            fmt::format("It took {}, and sent its hash to somebody unknown.", seen.aggressive->text()));
  else if (seen.aggressive)
    out.add(kAggressiveMode, fmt::format("It took {}.", seen.aggressive->text()));
}

}  // namespace

void judge_ike(const Case& c, Findings& out) {
  if (!c.seen.ike) return;
  const IkeSeen& seen = *c.seen.ike;
  judge_version1(seen, out);
  if (seen.v2) judge_version2(*seen.v2, out);
  if (seen.other_port == IkePort::silent || seen.other_port == IkePort::closed)
    out.add(kNoNatPort,
            seen.other_port == IkePort::closed ? "It is closed." : "It is silent, while port 500 answers.");
}

}  // namespace sally::check
