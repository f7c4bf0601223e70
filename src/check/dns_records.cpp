#include "check/dns_records.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "crypto/chain.h"
#include "crypto/digest.h"

namespace sally::check {
namespace {

using crypto::Certificate;

std::string digest_of(std::string_view bytes, std::uint8_t matching) {
  const auto* const in = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::array<std::uint8_t, SHA512_DIGEST_LENGTH> out{};
  if (matching == 1) ::SHA256(in, bytes.size(), out.data());
  if (matching == 2) ::SHA512(in, bytes.size(), out.data());
  return {reinterpret_cast<const char*>(out.data()),
          static_cast<std::size_t>(matching == 1 ? SHA256_DIGEST_LENGTH : SHA512_DIGEST_LENGTH)};
}

std::string key_of(const Certificate& one) {
  const X509_PUBKEY* const key = X509_get_X509_PUBKEY(one.handle());
  const int n = i2d_X509_PUBKEY(key, nullptr);
  std::string out(n > 0 ? static_cast<std::size_t>(n) : 0, '\0');
  auto* at = reinterpret_cast<std::uint8_t*>(out.data());
  if (n > 0) i2d_X509_PUBKEY(key, &at);
  return out;
}

bool is_about_authority(const TlsaRecord& r) { return r.usage == 0 || r.usage == 2; }

}  // namespace

std::optional<CaaRecord> read_caa(std::string_view data) {
  if (data.size() < 2) return std::nullopt;
  const auto size = static_cast<std::uint8_t>(data[1]);
  if (size == 0 || size > data.size() - 2) return std::nullopt;
  CaaRecord out;
  out.critical = (static_cast<std::uint8_t>(data[0]) & 0x80) != 0;
  out.tag = ascii_lower(data.substr(2, size));
  const auto letter = [](char c) { return is_alpha(c) || is_digit(c); };
  if (!std::ranges::all_of(out.tag, letter)) return std::nullopt;
  out.value = trim(data.substr(2 + size));
  return out;
}

std::optional<TlsaRecord> read_tlsa(std::string_view data) {
  if (data.size() < 4) return std::nullopt;
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(data[i]); };
  return TlsaRecord{octet(0), octet(1), octet(2), std::string(data.substr(3))};
}

namespace {

/// Octets in hexadecimal, those behind the 32nd left out.
std::string shown(std::string_view data) {
  constexpr std::size_t kShown = 32;
  std::string out;
  for (const char c : data.substr(0, kShown)) out += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return data.size() > kShown ? out + "..." : out;
}

}  // namespace

std::string TlsaRecord::text() const {
  return fmt::format("{} {} {} {}", usage, selector, matching, shown(data));
}

std::optional<SshfpRecord> read_sshfp(std::string_view data) {
  if (data.size() < 3) return std::nullopt;
  const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(data[i]); };
  return SshfpRecord{octet(0), octet(1), std::string(data.substr(2))};
}

std::string SshfpRecord::text() const { return fmt::format("{} {} {}", algorithm, type, shown(data)); }

bool SshfpRecord::is_about(std::string_view key_type) const {
  constexpr std::uint8_t kSha256 = 2;
  const unsigned of_type = key_type == "ssh-rsa"                 ? 1
                           : key_type.starts_with("ecdsa-sha2-") ? 3
                           : key_type == "ssh-ed25519"           ? 4
                                                                 : 0;
  return of_type != 0 && algorithm == of_type && type == kSha256;
}

bool SshfpRecord::matches(std::string_view key_type, std::string_view fingerprint) const {
  const std::string text = crypto::base64(as_bytes(std::string_view(data)));
  return is_about(key_type) && fingerprint == "SHA256:" + text.substr(0, text.find('='));
}

bool TlsaRecord::is_usable(bool mail) const {
  if (usage > 3 || selector > 1 || matching > 2 || (mail && usage < 2)) return false;
  if (matching == 1) return data.size() == SHA256_DIGEST_LENGTH;
  return matching == 0 || data.size() == SHA512_DIGEST_LENGTH;
}

bool TlsaRecord::matches(const Certificate& one) const {
  const std::string part = selector == 0 ? one.der() : key_of(one);
  return data == (matching == 0 ? part : digest_of(part, matching));
}

bool dane_agrees(std::span<const TlsaRecord> records, std::span<const Certificate> sent, bool mail) {
  if (sent.empty()) return false;
  const std::vector<Certificate> rest(sent.begin() + 1, sent.end());
  std::vector<Certificate> above = crypto::path_above(sent.front(), rest);
  // A root that is sent counts too, if it stands above the last.
  const Certificate top = above.empty() ? sent.front() : above.back();
  for (const Certificate& one : rest)
    if (one.is_self_signed() && top.is_signed_by(one)) above.push_back(one);
  return std::ranges::any_of(records, [&](const TlsaRecord& r) {
    if (!r.is_usable(mail)) return false;
    if (!is_about_authority(r)) return r.matches(sent.front());
    return std::ranges::any_of(above, [&](const Certificate& one) { return r.matches(one); });
  });
}

std::optional<std::string> read_txt(std::string_view data) {
  std::string out;
  while (!data.empty()) {
    const auto size = static_cast<std::uint8_t>(data.front());
    if (size > data.size() - 1) return std::nullopt;
    out += data.substr(1, size);
    data.remove_prefix(1 + std::size_t{size});
  }
  return out;
}

}  // namespace sally::check
