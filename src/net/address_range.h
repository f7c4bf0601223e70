// net/address_range.h - ranges of IP addresses by prefix: "10.0.0.0/8", "2001:db8::/32", or a single address.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sally {

/// The octets of an IPv4 or IPv6 address. IPv4-mapped IPv6 (::ffff:a.b.c.d) reads as IPv4.
struct IpOctets {
  std::array<std::uint8_t, 16> octets{};  ///< of IPv4 the first four
  bool v4 = false;

  /// nullopt: no numeric address. Brackets and zones ("fe80::1%eth0") are none either.
  static std::optional<IpOctets> parse(std::string_view text);
  bool operator==(const IpOctets&) const = default;
};

/// All addresses of one family that begin with the same bits. "0.0.0.0/0" is all of IPv4 and nothing of IPv6.
class AddressRange {
 public:
  /// "192.0.2.0/24" or one address. nullopt: no address, a prefix longer than the address, or bits behind the
  /// prefix that are not zero ("10.0.0.1/8": somebody meant something else).
  static std::optional<AddressRange> parse(std::string_view text);

  bool contains(const IpOctets& address) const;
  /// As it was written, with the prefix if it is more than one address.
  std::string text() const;
  bool operator==(const AddressRange&) const = default;

 private:
  IpOctets first_;
  std::uint8_t bits_ = 0;
};

/// Whether a numeric address lies in one of them; false for what is no address.
bool any_contains(std::span<const AddressRange> ranges, std::string_view address);

}  // namespace sally
