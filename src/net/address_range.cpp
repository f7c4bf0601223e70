#include "net/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "base/number.h"

namespace sally {
namespace {

constexpr std::size_t kLongestText = 45;  // INET6_ADDRSTRLEN without its end

/// The bits of octet `i` that a prefix of `bits` covers.
std::uint8_t mask_of(std::size_t i, std::uint8_t bits) {
  const int left = static_cast<int>(bits) - static_cast<int>(i * 8);
  if (left <= 0) return 0;
  return left >= 8 ? 0xff : static_cast<std::uint8_t>(0xff << (8 - left));
}

}  // namespace

std::optional<IpOctets> IpOctets::parse(std::string_view text) {
  if (text.size() > kLongestText) return std::nullopt;
  const std::string copy(text);
  IpOctets out;
  if (::inet_pton(AF_INET, copy.c_str(), out.octets.data()) == 1) {
    out.v4 = true;
    return out;
  }
  if (::inet_pton(AF_INET6, copy.c_str(), out.octets.data()) != 1) return std::nullopt;
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!std::equal(kMapped.begin(), kMapped.end(), out.octets.begin())) return out;
  IpOctets v4;
  v4.v4 = true;
  std::copy_n(out.octets.begin() + 12, 4, v4.octets.begin());
  return v4;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = IpOctets::parse(text.substr(0, slash));
  if (!first) return std::nullopt;
  const std::uint8_t most = first->v4 ? 32 : 128;
  AddressRange out;
  out.first_ = *first;
  out.bits_ = most;
  if (slash != text.npos) {
    const auto bits = parse_number<std::uint8_t>(text.substr(slash + 1));
    if (!bits || *bits > most) return std::nullopt;
    out.bits_ = *bits;
  }
  for (std::size_t i = 0; i < out.first_.octets.size(); ++i)
    if (out.first_.octets[i] & static_cast<std::uint8_t>(~mask_of(i, out.bits_))) return std::nullopt;
  return out;
}

bool AddressRange::contains(const IpOctets& address) const {
  if (address.v4 != first_.v4) return false;
  for (std::size_t i = 0; i * 8 < bits_; ++i)
    if ((address.octets[i] & mask_of(i, bits_)) != first_.octets[i]) return false;
  return true;
}

std::string AddressRange::text() const {
  char text[INET6_ADDRSTRLEN];
  const int family = first_.v4 ? AF_INET : AF_INET6;
  std::string out = ::inet_ntop(family, first_.octets.data(), text, sizeof text);
  if (bits_ != (first_.v4 ? 32 : 128)) out.append("/").append(std::to_string(bits_));
  return out;
}

bool any_contains(std::span<const AddressRange> ranges, std::string_view address) {
  if (ranges.empty()) return false;
  const auto octets = IpOctets::parse(address);
  return octets &&
         std::ranges::any_of(ranges, [&](const AddressRange& range) { return range.contains(*octets); });
}

}  // namespace sally
