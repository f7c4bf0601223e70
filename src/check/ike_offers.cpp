#include "check/ike_offers.h"

#include <algorithm>

#include "crypto/agreement.h"
#include "crypto/entropy.h"

namespace sally::check {
namespace {

using ike::Transform, ike::TransformFacts;

constexpr std::size_t kNonceBytes = 32;
constexpr std::uint16_t kSharedKey = 1, kRsaSignatures = 3;

std::string random_text(std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) {
    const auto more = crypto::random_bytes<32>();
    out += as_text(more);
  }
  out.resize(bytes);
  return out;
}

void append(ike::Proposal& out, const std::vector<Transform>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

struct CurveRow {
  std::uint16_t group;
  crypto::Agreement agreement;
};
constexpr CurveRow kCurves[] = {
    {19, crypto::Agreement::p256}, {20, crypto::Agreement::p384}, {21, crypto::Agreement::p521}};
constexpr std::uint16_t kFree[] = {1, 2, 5, 14, 15, 16, 17, 18, 31, 32};

struct Phase1Row {
  std::uint16_t cipher, key_bits, hash, group;
};
constexpr Phase1Row kUsual[] = {{7, 256, 4, 14}, {7, 256, 2, 14}, {7, 128, 4, 14}, {7, 128, 2, 14},
                                {7, 256, 6, 14}, {7, 256, 5, 20}, {7, 128, 4, 19}, {7, 256, 4, 31},
                                {7, 256, 4, 15}, {7, 256, 6, 16}};
constexpr Phase1Row kWeak[] = {{7, 256, 2, 5}, {7, 128, 2, 5}, {7, 256, 2, 2}, {7, 128, 2, 2}, {5, 0, 2, 14},
                               {5, 0, 2, 5},   {5, 0, 2, 2},   {5, 0, 1, 2},   {1, 0, 1, 1}};

std::vector<ike::Phase1> with_method(std::span<const Phase1Row> rows, std::uint16_t method) {
  std::vector<ike::Phase1> out;
  for (const Phase1Row& row : rows) out.push_back({row.cipher, row.key_bits, row.hash, row.group, method});
  return out;
}

}  // namespace

IkeWish IkeWish::all() {
  IkeWish out;
  for (const TransformFacts& row : ike::all_transforms()) out.of(row.transform.type).push_back(row.transform);
  return out;
}

std::vector<Transform>& IkeWish::of(std::uint8_t type) {
  switch (type) {
    case ike::kEncryption:
      return encryption;
    case ike::kPrf:
      return prf;
    case ike::kIntegrity:
      return integrity;
    case ike::kGroup:
      return groups;
    default:
      return additional;
  }
}

std::vector<ike::Proposal> IkeWish::proposals() const {
  std::vector<ike::Proposal> out;
  for (const bool seals : {true, false}) {
    ike::Proposal one;
    for (const Transform& cipher : encryption)
      if (const TransformFacts* const facts = ike::facts_of(cipher); facts && facts->seals == seals)
        one.push_back(cipher);
    if (one.empty() || (!seals && integrity.empty())) continue;
    if (!seals) append(one, integrity);
    append(one, prf);
    append(one, groups);
    append(one, additional);
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<IkeFamily> ike_families(std::uint8_t type) {
  std::vector<IkeFamily> out;
  std::string_view last;
  for (const TransformFacts& row : ike::all_transforms()) {
    if (row.transform.type != type) continue;
    if (row.family != last) out.push_back({type, {}});
    out.back().members.push_back(row.transform);
    last = row.family;
  }
  return out;
}

IkeQuestion sa_init(const IkeWish& wish, std::uint16_t group, std::string share) {
  IkeQuestion out;
  out.payloads = {{ike::kSa, ike::sa_body(wish.proposals())},
                  {ike::kKeyExchange, ike::key_exchange_body(group, share)},
                  {ike::kNonce, random_text(kNonceBytes)},
                  // Digests that fit no address: as if somebody translated addresses on the way.
                  {ike::kNotify, ike::notice_body(ike::kNatSource, random_text(20))},
                  {ike::kNotify, ike::notice_body(ike::kNatDestination, random_text(20))},
                  {ike::kNotify, ike::notice_body(ike::kFragmentation, {})},
                  {ike::kNotify, ike::notice_body(ike::kSignatureHashes, std::string("\0\2\0\3\0\4\0\5", 8))},
                  {ike::kNotify, ike::notice_body(ike::kIntermediate, {})}};
  return out;
}

std::string decoy_share(std::uint16_t group) {
  std::string out = random_text(ike::share_bytes(group));
  if (!out.empty()) out.front() = '\0';
  return out;
}

Result<std::optional<std::string>> real_share(std::uint16_t group) {
  if (const auto* const row = std::ranges::find(kCurves, group, &CurveRow::group); row != std::end(kCurves)) {
    TRY(const crypto::KeyShare share, crypto::KeyShare::make(row->agreement));
    // RFC 5903 7: both coordinates, without the octet before them.
    return share.ours().substr(1);
  }
  // Any number below the prime is a public key there, and any octets are in x25519 and x448.
  if (std::ranges::find(kFree, group) == std::end(kFree)) return std::nullopt;
  return decoy_share(group);
}

IkeQuestion main_mode(bool weak) {
  std::vector<ike::Phase1> offers;
  for (const std::uint16_t method : {kSharedKey, kRsaSignatures}) {
    if (!weak) std::ranges::copy(with_method(kUsual, method), std::back_inserter(offers));
    std::ranges::copy(with_method(kWeak, method), std::back_inserter(offers));
  }
  IkeQuestion out;
  out.version = ike::kVersion1;
  out.exchange = ike::kMainMode;
  out.payloads = {{ike::kSa1, ike::sa1_body(offers)}};
  return out;
}

IkeQuestion aggressive_mode(std::uint16_t group, std::string share) {
  std::vector<ike::Phase1> offers;
  for (const auto& [cipher, bits] : {std::pair{7, 256}, {7, 128}, {5, 0}})
    for (const int hash : {4, 2, 1})
      offers.push_back({static_cast<std::uint16_t>(cipher), static_cast<std::uint16_t>(bits),
                        static_cast<std::uint16_t>(hash), group, kSharedKey});
  IkeQuestion out;
  out.version = ike::kVersion1;
  out.exchange = ike::kAggressiveMode;
  out.payloads = {{ike::kSa1, ike::sa1_body(offers)},
                  {ike::kKeyExchange1, std::move(share)},
                  {ike::kNonce1, random_text(kNonceBytes)},
                  {ike::kIdentity1, ike::identity1_body("sallyport-check@invalid")}};
  return out;
}

bool is_weak(const ike::Phase1& taken) {
  constexpr std::uint16_t kDes = 1, k3Des = 5, kMd5 = 1;
  return taken.cipher == kDes || taken.cipher == k3Des || taken.hash == kMd5 || taken.group == 1 ||
         taken.group == 2 || taken.group == 5;
}

}  // namespace sally::check
