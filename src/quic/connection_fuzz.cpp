// Fuzzes what a client may send before its handshake: the frames of an Initial packet, sealed as they must
// be, and behind it datagrams that are sealed by nothing.
#include <algorithm>
#include <array>

#include "quic/connection.h"

namespace sally::quic {
namespace {

constexpr std::array<std::uint8_t, 8> kDestination = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};
constexpr std::size_t kHeader = 1 + 4 + 1 + 8 + 1 + 8 + 1 + 2, kNumber = 1, kTag = 16;

struct Nobody final : ConnectionEvents, StreamSource {
  static constexpr ErrorKind kNone{"fuzz.none", Blame::peer, Retry::never, "", "", "", 112, 0};
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek&) override {
    return fail(kNone);
  }
  Fault on_handshake() override { return std::nullopt; }
  Fault on_stream_data(std::int64_t, Bytes, bool) override { return std::nullopt; }
  Fault on_acknowledged(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_reset(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_closed(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_room(std::int64_t) override { return std::nullopt; }
  void on_id(const ConnectionId&) override {}
  void on_id_gone(Bytes) override {}
  std::expected<void, std::uint64_t> next(Next&) override { return {}; }
  void sent(std::int64_t, std::size_t) override {}
  void blocked(std::int64_t) override {}
  void shut(std::int64_t) override {}
};

struct Hole final : DatagramSink {
  std::span<std::uint8_t> room(std::size_t size) override { return std::span(bytes).first(size); }
  void commit(std::size_t, const Path&, std::uint8_t) override {}
  std::array<std::uint8_t, kMostDatagram> bytes;
};

/// An Initial packet with these frames, of 1200 bytes at least.
std::vector<std::uint8_t> sealed(Bytes frames, std::uint8_t number) {
  static const PacketKeys keys = [] {
    const auto secrets = initial_secrets(kVersion1, std::as_bytes(std::span(kDestination)));
    return derive_keys(initial_suite(), kVersion1, secrets->client.bytes(), true).value();
  }();
  std::vector<std::uint8_t> plain(as_u8(frames), as_u8(frames) + std::min<std::size_t>(frames.size(), 1300));
  plain.resize(std::max<std::size_t>(plain.size(), 1200));
  const std::size_t length = kNumber + plain.size() + kTag;
  std::vector<std::uint8_t> packet = {0xc0, 0, 0, 0, 1, 8};
  packet.insert(packet.end(), kDestination.begin(), kDestination.end());
  packet.push_back(8);
  packet.insert(packet.end(), kDestination.begin(), kDestination.end());
  packet.insert(packet.end(), {0, static_cast<std::uint8_t>(0x40 | length >> 8),
                               static_cast<std::uint8_t>(length), number});
  packet.resize(kHeader + length);
  auto nonce = keys.iv;
  nonce.back() ^= number;
  seal(*keys.aead, packet.data() + kHeader + kNumber, plain, nonce,
       std::span(packet).first(kHeader + kNumber));
  std::array<std::uint8_t, HeaderKey::kMask> mask;
  keys.header->mask(packet.data() + kHeader + 4, mask.data());
  packet[0] ^= mask[0] & 0x0f;
  packet[kHeader] ^= mask[1];
  return packet;
}

}  // namespace
}  // namespace sally::quic

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sally;
  using namespace sally::quic;
  static const ConnectionIds ids;
  static const QuicConfig config;
  Nobody nobody;
  Hole hole;
  TimePoint now(std::chrono::hours(1));
  Arrival arrival;
  arrival.path = {*SocketAddress::numeric("127.0.0.1", 443), *SocketAddress::numeric("127.0.0.1", 4000)};
  arrival.version = kVersion1;
  arrival.client_id = arrival.destination = std::as_bytes(std::span(kDestination));
  auto connection =
      Connection::accept({nobody, nobody, ids, config, 0, std::chrono::seconds(10), 16384}, arrival, now);
  if (!connection) return 0;
  Bytes rest = as_bytes(std::span(data, size));
  for (std::uint8_t number = 0; !rest.empty() && number < 8; ++number) {
    const std::size_t part =
        std::min<std::size_t>(rest.size(), 1 + std::to_integer<std::size_t>(rest[0]) * 5);
    const auto packet = sealed(rest.first(part), number);
    (*connection)->receive(arrival.path, std::as_bytes(std::span(packet)), 0, now);
    (*connection)->receive(arrival.path, rest.first(part), 0, now);
    (*connection)->produce(hole, now);
    now += std::chrono::milliseconds(100);
    (*connection)->expire(now);
    rest = rest.subspan(part);
  }
  return 0;
}
