#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "check/rules/all.h"
#include "crypto/digest.h"
#include "tls/groups.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kNoPostQuantum{"kx.post_quantum", low, Grade::a, "No post-quantum key exchange is offered: what is recorded today may be read by a quantum computer later.",
    "Offer X25519MLKEM768 (OpenSSL 3.5 or newer).", "FIPS 203"};
constexpr FindingKind kWeakGroup{"kx.weak_group", medium, Grade::b, "Key exchange groups below 112 bits are offered.",
    "Offer X25519MLKEM768, X25519, P-256 and P-384 only.", "RFC 8422 5.1.1"};
constexpr FindingKind kDraft{"kx.draft_group", info, Grade::a_plus, "A draft of a post-quantum group is still offered.", "Replace it by X25519MLKEM768.", ""};
constexpr FindingKind kLogjam{"logjam", critical, Grade::f, "Diffie-Hellman with a prime below 1024 bits: it can be broken.", "Remove DHE suites, or use ffdhe3072.", "CVE-2015-4000"};
constexpr FindingKind kSmallDh{"logjam.dh_size", medium, Grade::b, "Diffie-Hellman with a prime below 2048 bits.", "Remove DHE suites, or use ffdhe3072.", "RFC 9325 4.1"};
constexpr FindingKind kCommonPrime{"logjam.common_primes", high, Grade::c, "Diffie-Hellman with a small prime that many servers share: one effort breaks them all.",
    "Remove DHE suites, or use ffdhe3072.", "CVE-2015-4000"};
constexpr FindingKind kKeyRepeated{"kx.key_reuse", low, Grade::a, "The server uses an ephemeral key more than once: what was recorded stays readable for longer, and attacks on it get more tries (Raccoon).",
    "Make a fresh key for every handshake (OpenSSL does so since 1.0.2f), or update the TLS library.", "RFC 9325 7.4, CVE-2020-1968"};
// clang-format on

/// Primes that are written down in standards, by the hash of their bytes.
struct KnownPrime {
  std::string_view sha256;  ///< its first 16 digits
  std::string_view name;
};
constexpr KnownPrime kSmallKnown[] = {{"b52ba6a3026520a6", "Oakley group 1 (RFC 2409 6.1)"},
                                      {"3f35a3f5f6c4376a", "Oakley group 2 (RFC 2409 6.2)"},
                                      {"64fcc83ec403930b", "the group of 1536 bits (RFC 3526 2)"}};

void judge_primes(const Case& c, Findings& out) {
  std::vector<std::string> reused;
  std::vector<std::string_view> known;
  for (const VersionSeen& v : c.seen.versions) {
    if (v.key_repeated) reused.push_back(tls::version_name(v.version));
    for (const std::string& prime : v.dh_primes) {
      const std::string hash = crypto::hex(crypto::sha256(as_bytes(std::string_view(prime))));
      for (const KnownPrime& row : kSmallKnown)
        if (hash.starts_with(row.sha256) && std::ranges::find(known, row.name) == known.end())
          known.push_back(row.name);
    }
  }
  if (!known.empty()) out.add(kCommonPrime, fmt::format("It is that of {}.", fmt::join(known, ", ")));
  if (!reused.empty())
    out.add(kKeyRepeated,
            fmt::format("Two handshakes of {} had the same public key.", fmt::join(reused, ", ")));
}

}  // namespace

void judge_key_exchange(const Case& c, Findings& out) {
  unsigned dh = 0;
  for (const VersionSeen& v : c.seen.versions)
    if (v.weakest_dh_bits != 0 && (dh == 0 || v.weakest_dh_bits < dh)) dh = v.weakest_dh_bits;
  if (dh != 0 && dh < 2048) out.add(dh < 1024 ? kLogjam : kSmallDh, fmt::format("A prime of {} bits.", dh));

  judge_primes(c, out);

  std::vector<std::string_view> weak, all, drafts;
  bool post_quantum = false;
  std::vector<std::uint16_t> groups = c.seen.groups ? c.seen.groups->groups : std::vector<std::uint16_t>{};
  for (const VersionSeen& v : c.seen.versions)
    for (const std::uint16_t g : v.groups_used)
      if (std::ranges::find(groups, g) == groups.end()) groups.push_back(g);
  for (const std::uint16_t code : groups) {
    const tls::GroupFacts* const g = tls::group_facts(code);
    if (!g) continue;
    all.push_back(g->name);
    post_quantum |= g->post_quantum && !g->draft;
    if (g->draft) drafts.push_back(g->name);
    if (g->bits < 100) weak.push_back(g->name);
  }
  if (!weak.empty()) out.add(kWeakGroup, fmt::format("{}.", fmt::join(weak, ", ")));
  if (!drafts.empty()) out.add(kDraft, fmt::format("{}.", fmt::join(drafts, ", ")));
  if (c.seen.groups && c.seen.groups->complete && !post_quantum)
    out.add(kNoPostQuantum,
            all.empty() ? "No group was accepted." : fmt::format("Offered are {}.", fmt::join(all, ", ")));
}

}  // namespace sally::check
