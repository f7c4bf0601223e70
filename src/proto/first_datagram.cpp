#include "proto/first_datagram.h"

#include <algorithm>
#include <cstddef>

namespace sally::proto {
namespace {

std::uint8_t byte_at(Bytes b, std::size_t i) { return std::to_integer<std::uint8_t>(b[i]); }

std::uint32_t u32_at(Bytes b, std::size_t i) {
  return std::uint32_t{byte_at(b, i)} << 24 | std::uint32_t{byte_at(b, i + 1)} << 16 |
         std::uint32_t{byte_at(b, i + 2)} << 8 | byte_at(b, i + 3);
}

bool all_zero(Bytes b) {
  return std::ranges::all_of(b, [](std::byte one) { return one == std::byte{0}; });
}

constexpr std::uint8_t kControl = 4, kAck = 5, kResetV2 = 7, kDataV2 = 9, kResetV3 = 10;
constexpr std::size_t kPlainReset = 14;    ///< opcode, session id, no acknowledgements, packet id
constexpr std::size_t kGuardedReset = 38;  ///< the shortest HMAC (MD5), replay id and time beside that
constexpr std::size_t kLongestReset = 200;
constexpr std::size_t kCryptReset = 54;  ///< tls-crypt: session id, replay id and time, tag, and the rest
constexpr std::size_t kLongestWrapped = 1500;
constexpr std::size_t kShortestAck = 22;  ///< one acknowledgement, the other's session id
constexpr std::size_t kShortestData = 24;

bool resets_v2(Bytes d) {
  if (d.size() == kPlainReset) return byte_at(d, 9) == 0;
  return d.size() >= kGuardedReset && d.size() <= kLongestReset;
}

/// tls-crypt-v2: a wrapped client key stands behind it, whose last two bytes are its length.
bool resets_v3(Bytes d) {
  if (d.size() <= kCryptReset || d.size() > kLongestWrapped) return false;
  const std::size_t key = std::size_t{byte_at(d, d.size() - 2)} << 8 | byte_at(d, d.size() - 1);
  return key != 0 && key <= d.size() - kCryptReset;
}

constexpr std::size_t kIkeHeader = 28, kSpi = 8;
constexpr std::uint8_t kIkeV2 = 2, kSaInit = 34, kLastExchange = 44;
constexpr std::uint8_t kMainMode = 2, kAggressive = 4, kNewGroup = 33;
constexpr std::uint8_t kInitiator = 0x08, kResponse = 0x20;

DatagramRole ikev2(std::uint8_t exchange, std::uint8_t flags, bool fresh, std::uint32_t message) {
  if (exchange < kSaInit || exchange > kLastExchange) return DatagramRole::other;
  if (!fresh) return DatagramRole::goes_on;
  const bool first = exchange == kSaInit && message == 0 && (flags & kInitiator) && !(flags & kResponse);
  return first ? DatagramRole::opens : DatagramRole::other;
}

DatagramRole ikev1(std::uint8_t exchange, bool fresh, std::uint32_t message) {
  if (!fresh) return exchange <= kNewGroup ? DatagramRole::goes_on : DatagramRole::other;
  return message == 0 && (exchange == kMainMode || exchange == kAggressive) ? DatagramRole::opens
                                                                            : DatagramRole::other;
}

}  // namespace

DatagramRole openvpn_role(Bytes datagram) {
  if (datagram.size() < kPlainReset) return DatagramRole::other;
  const std::uint8_t opcode = byte_at(datagram, 0) >> 3, key = byte_at(datagram, 0) & 7;
  if (opcode == kResetV2 || opcode == kResetV3) {
    const bool sound = key == 0 && !all_zero(datagram.subspan(1, 8)) &&
                       (opcode == kResetV2 ? resets_v2(datagram) : resets_v3(datagram));
    return sound ? DatagramRole::opens : DatagramRole::other;
  }
  const bool goes_on = (opcode == kDataV2 && datagram.size() >= kShortestData) ||
                       ((opcode == kControl || opcode == kAck) && datagram.size() >= kShortestAck);
  return goes_on ? DatagramRole::goes_on : DatagramRole::other;
}

DatagramRole ike_role(Bytes datagram, std::uint8_t oldest) {
  if (datagram.size() < kIkeHeader || all_zero(datagram.first(kSpi))) return DatagramRole::other;
  if (u32_at(datagram, 24) != datagram.size()) return DatagramRole::other;
  const bool fresh = all_zero(datagram.subspan(kSpi, kSpi));
  const std::uint8_t version = byte_at(datagram, 17) >> 4, exchange = byte_at(datagram, 18);
  if (version == kIkeV2) return ikev2(exchange, byte_at(datagram, 19), fresh, u32_at(datagram, 20));
  if (version == 1 && oldest == 1) return ikev1(exchange, fresh, u32_at(datagram, 20));
  return DatagramRole::other;
}

DatagramRole nat_traversal_role(Bytes datagram, std::uint8_t oldest) {
  constexpr std::size_t kMarker = 4, kShortestEsp = 20;
  if (datagram.size() == 1 && byte_at(datagram, 0) == 0xff) return DatagramRole::keepalive;
  if (datagram.size() < kShortestEsp) return DatagramRole::other;
  const std::uint32_t spi = u32_at(datagram, 0);
  if (spi == 0) return ike_role(datagram.subspan(kMarker), oldest);
  return spi > 255 ? DatagramRole::goes_on : DatagramRole::other;
}

}  // namespace sally::proto
