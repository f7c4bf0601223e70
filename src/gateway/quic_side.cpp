#include "gateway/quic_side.h"

#include <algorithm>
#include <cstring>

#include "crypto/entropy.h"
#include "gateway/worker.h"

namespace sally::gateway {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLeastInitial = 1200;  // RFC 9000 14.1
constexpr std::size_t kMostSmall = 256;      // of a datagram that answers without a connection
constexpr unsigned kResetsOfASecond = 100;
constexpr std::uint32_t kVersions[] = {quic::kVersion1, quic::kVersion2};

Bytes bytes_of(const std::uint8_t* at, std::size_t size) { return as_bytes(std::span(at, size)); }
bool same(const SocketAddress& a, const SocketAddress& b) {
  return a.length() == b.length() && std::memcmp(a.get(), b.get(), a.length()) == 0;
}

}  // namespace

Bytes destination_of(Bytes datagram) {
  ngtcp2_version_cid head;
  const int rv = ngtcp2_pkt_decode_version_cid(&head, as_u8(datagram), datagram.size(),
                                               std::tuple_size_v<quic::ConnectionId>);
  return rv == 0 ? bytes_of(head.dcid, head.dcidlen) : Bytes{};
}

/// A UDP socket, and the datagrams that gather for it.
class QuicSide::Door final : public quic::DatagramSink, private DatagramsTaken {
 public:
  Door(QuicSide& side, std::uint64_t number, SharedPort serving, Fd socket)
      : id(number),
        port(std::move(serving)),
        side_(side),
        socket_(side.worker_.core().loop, std::move(socket), side.buffers_, *this),
        gathered_(std::make_unique_for_overwrite<std::uint8_t[]>(kRoom)) {}
  Result<> start() { return socket_.start(); }
  void stop_taking() { socket_.stop_taking(); }

  std::span<std::uint8_t> room(std::size_t size) override {
    if (kRoom - used_ < size) flush();
    return {gathered_.get() + used_, size};
  }
  void commit(std::size_t size, const quic::Path& path, std::uint8_t ecn) override {
    const bool joins = used_ != from_ && !short_ && ecn == ecn_ && size <= segment_ && count_ < kSegments &&
                       used_ - from_ + size <= kMost && same(path.remote, path_.remote) &&
                       same(path.local, path_.local);
    if (!joins) {
      send_gathered();
      path_ = path;
      ecn_ = ecn;
      segment_ = size;
      count_ = 0;
    }
    used_ += size;
    ++count_;
    short_ = size < segment_;
  }
  void flush() {
    send_gathered();
    used_ = from_ = 0;
    short_ = false;
  }
  void answer(const Datagram& to, std::span<const std::uint8_t> bytes) {
    socket_.send(std::as_bytes(bytes), bytes.size(), to.local, to.remote, 0);
  }

  const std::uint64_t id;
  SharedPort port;
  bool closing = false;

 private:
  static constexpr std::size_t kMost = 64000, kSegments = 64;  ///< of one message
  static constexpr std::size_t kRoom = kMost + kMostDatagram;

  void send_gathered() {
    if (used_ == from_) return;
    socket_.send(std::as_bytes(std::span(gathered_.get() + from_, used_ - from_)), segment_, path_.local,
                 path_.remote, ecn_);
    from_ = used_;
  }
  void on_datagram(const Datagram& datagram) override { side_.take(*this, datagram); }
  void on_batch_end() override { side_.flush_touched(); }

  QuicSide& side_;
  DatagramSocket socket_;
  std::unique_ptr<std::uint8_t[]> gathered_;
  std::size_t from_ = 0, used_ = 0, segment_ = 0, count_ = 0;
  bool short_ = false;  ///< the last one was shorter: only the last of a batch may be
  std::uint8_t ecn_ = 0;
  quic::Path path_;
};

QuicSide::QuicSide(Worker& worker, QuicShared& shared, ConnectionLimits& counts, std::uint16_t number)
    : worker_(worker), shared_(shared), counts_(counts), number_(number), by_id_(0, Hash{&shared.ids}) {}

QuicSide::~QuicSide() {
  connections_.clear();
  retired_.clear();
}

void QuicSide::open(std::uint64_t door, SharedPort port, Fd socket) {
  auto made = std::make_unique<Door>(*this, door, std::move(port), std::move(socket));
  if (const auto started = made->start(); !started) return worker_.errors().error(started.error().text());
  doors_.push_back(std::move(made));
}

void QuicSide::change(std::uint64_t door, SharedPort port) {
  for (const auto& one : doors_)
    if (one->id == door) {
      one->closing = !port;
      if (port) one->port = port;
    }
  for (const auto& [connection, owned] : connections_)
    if (connection->door() == door) connection->reconfigure(port);
  worker_.core().loop.defer(*this);
}

QuicSide::Door* QuicSide::find_door(std::uint64_t id) {
  const auto at = std::ranges::find_if(doors_, [&](const auto& door) { return door->id == id; });
  return at == doors_.end() ? nullptr : at->get();
}

// --- datagrams

void QuicSide::take(Door& door, const Datagram& datagram) {
  worker_.core().tick();
  ngtcp2_version_cid head;
  const int rv = ngtcp2_pkt_decode_version_cid(&head, as_u8(datagram.bytes), datagram.bytes.size(),
                                               std::tuple_size_v<quic::ConnectionId>);
  if (rv == NGTCP2_ERR_VERSION_NEGOTIATION)
    return refuse_version(door, datagram, bytes_of(head.dcid, head.dcidlen),
                          bytes_of(head.scid, head.scidlen));
  if (rv != 0) return;
  const Bytes id = bytes_of(head.dcid, head.dcidlen);
  const auto known = by_id_.find(quic::AnyConnectionId(id));
  if (known == by_id_.end()) return take_unknown(door, datagram, id, head.version == 0);
  give(*known->second, datagram);
}

void QuicSide::give(QuicConnection& connection, const Datagram& datagram) {
  connection.receive({datagram.local, datagram.remote}, datagram.bytes, datagram.ecn);
  if (std::ranges::find(touched_, &connection) == touched_.end()) touched_.push_back(&connection);
}

QuicConnection* QuicSide::connection_of(const Datagram& datagram) {
  const auto known = by_id_.find(quic::AnyConnectionId(destination_of(datagram.bytes)));
  return known == by_id_.end() ? nullptr : known->second;
}

void QuicSide::take_unknown(Door& door, const Datagram& datagram, Bytes id, bool short_head) {
  const auto worker = shared_.ids.worker_of(id);
  if (worker && *worker != number_) {
    if (Worker* const other = shared_.worker(*worker))
      other->take_stray(
          {door.id, std::string(as_text(datagram.bytes)), datagram.local, datagram.remote, datagram.ecn});
    return;
  }
  // Ids of the process before this one look like anybody's; what is none of its connections it drops.
  const bool ours = worker.has_value();
  if (!ours && id.size() == std::tuple_size_v<quic::ConnectionId> && shared_.before.open())
    shared_.before.give(
        {0, std::string(as_text(datagram.bytes)), datagram.local, datagram.remote, datagram.ecn});
  else if (short_head)
    return say_reset(door, datagram, id);
  if (!short_head) begin(door, datagram);
}

void QuicSide::take_stray(const StrayDatagram& stray) {
  const Datagram datagram{as_bytes(stray.bytes), stray.local, stray.remote, stray.ecn};
  if (Door* const door = find_door(stray.door))
    take(*door, datagram);
  else if (QuicConnection* const known = connection_of(datagram))
    give(*known, datagram);
  flush_touched();
}

/// Perhaps the first datagram of a client.
void QuicSide::begin(Door& door, const Datagram& datagram) {
  ngtcp2_pkt_hd head;
  if (draining_ || door.closing || datagram.bytes.size() < kLeastInitial) return;
  if (ngtcp2_accept(&head, as_u8(datagram.bytes), datagram.bytes.size()) != 0) return;
  const quic::QuicConfig& config = worker_.settings().quic;
  quic::Arrival arrival;
  arrival.path = {datagram.local, datagram.remote};
  arrival.version = head.version;
  arrival.client_id = bytes_of(head.scid.data, head.scid.datalen);
  arrival.destination = bytes_of(head.dcid.data, head.dcid.datalen);
  arrival.token = {reinterpret_cast<const char*>(head.token), head.tokenlen};
  std::string first_destination;
  const std::int64_t now = worker_.core().loop.unix_now();
  if (quic::AddressTokens::is_of_retry(arrival.token)) {
    const auto opened = shared_.tokens.open_retry(arrival.token, datagram.remote, now);
    if (!opened) return;  // too old, or of another address: the client begins anew
    first_destination = *opened;
    arrival.first_destination = as_bytes(first_destination);
    arrival.of_retry = arrival.validated = true;
  } else if (shared_.tokens.opens_later(arrival.token, datagram.remote, now)) {
    arrival.validated = true;
  }
  if (!arrival.validated && handshakes_ >= config.retry_after) return ask_for_proof(door, datagram, arrival);
  if (handshakes_ >= config.max_handshakes) return;
  const auto verdict = counts_.admit(datagram.remote);
  if (verdict != ConnectionLimits::Verdict::admitted) {
    (verdict == ConnectionLimits::Verdict::too_many ? worker_.counts().over_total
                                                    : worker_.counts().over_address)
        .add();
    return;
  }
  auto made =
      std::make_unique<QuicConnection>(worker_, *this, door.id, door.port, datagram.remote,
                                       std::uint64_t{number_} << 48 | std::uint64_t{1} << 47 | ++next_id_);
  QuicConnection& connection = *made;
  connections_.emplace(&connection, std::move(made));
  ++handshakes_;
  worker_.counts().accepted.add();
  if (const auto started = connection.start(arrival); !started) {
    worker_.errors().warning(started.error().text());
    return retire(connection);
  }
  connection.receive(arrival.path, datagram.bytes, datagram.ecn);
  if (connection.wants_proof() && !arrival.of_retry) ask_for_proof(door, datagram, arrival);
  touched_.push_back(&connection);
}

/// RFC 9000 8.1.2: whoever answers receives at the address that he writes from.
void QuicSide::ask_for_proof(Door& door, const Datagram& datagram, const quic::Arrival& arrival) {
  const auto key = quic::retry_key(arrival.version);
  if (!key) return;
  const quic::ConnectionId id = shared_.ids.make(number_);
  const std::string token =
      shared_.tokens.for_retry(datagram.remote, arrival.destination, worker_.core().loop.unix_now());
  ngtcp2_cid theirs, first, ours;
  ngtcp2_cid_init(&theirs, as_u8(arrival.client_id), arrival.client_id.size());
  ngtcp2_cid_init(&first, as_u8(arrival.destination), arrival.destination.size());
  ngtcp2_cid_init(&ours, id.data(), id.size());
  ngtcp2_callbacks callbacks{};
  quic::set_crypto_callbacks(callbacks);
  const ngtcp2_crypto_ctx crypto = quic::crypto_of(quic::initial_suite());
  const ngtcp2_crypto_aead_ctx aead{key->get()};
  std::array<std::uint8_t, kMostSmall> packet;
  const ngtcp2_ssize n = ngtcp2_pkt_write_retry(packet.data(), packet.size(), arrival.version, &theirs, &ours,
                                                &first, reinterpret_cast<const std::uint8_t*>(token.data()),
                                                token.size(), callbacks.encrypt, &crypto.aead, &aead);
  if (n > 0) door.answer(datagram, std::span(packet).first(static_cast<std::size_t>(n)));
}

void QuicSide::refuse_version(Door& door, const Datagram& datagram, Bytes destination, Bytes source) {
  if (draining_ || datagram.bytes.size() < kLeastInitial) return;  // RFC 9000 6.1
  std::array<std::uint8_t, 1> random;
  crypto::fill_random(std::as_writable_bytes(std::span(random)));
  std::array<std::uint8_t, 3 * kMostSmall> packet;  // ids of other versions have up to 255 bytes
  const ngtcp2_ssize n = ngtcp2_pkt_write_version_negotiation(
      packet.data(), packet.size(), random[0], as_u8(source), source.size(), as_u8(destination),
      destination.size(), kVersions, std::size(kVersions));
  if (n > 0) door.answer(datagram, std::span(packet).first(static_cast<std::size_t>(n)));
}

/// RFC 9000 10.3: smaller than what it answers, and not many: two servers must not play ball with them.
void QuicSide::say_reset(Door& door, const Datagram& datagram, Bytes id) {
  constexpr std::size_t kLeast = 41;
  const TimePoint now = worker_.core().loop.now();
  if (datagram.bytes.size() <= kLeast) return;
  if (now - resets_since_ > 1s) {
    resets_since_ = now;
    resets_ = 0;
  }
  if (++resets_ > kResetsOfASecond) return;
  const auto random = crypto::random_bytes<kLeast>();
  const std::size_t size = std::min(datagram.bytes.size() - 1, kLeast);
  std::array<std::uint8_t, kMostSmall> packet;
  const quic::ResetToken token = shared_.ids.reset_token(id);
  const ngtcp2_ssize n = ngtcp2_pkt_write_stateless_reset(
      packet.data(), packet.size(), token.data(), reinterpret_cast<const std::uint8_t*>(random.data()),
      size - token.size());
  if (n > 0) door.answer(datagram, std::span(packet).first(static_cast<std::size_t>(n)));
}

// --- connections

void QuicSide::flush_touched() {
  for (QuicConnection* const connection : std::exchange(touched_, {})) connection->flush();
}

void QuicSide::add_id(const quic::AnyConnectionId& id, QuicConnection& connection) {
  by_id_.insert_or_assign(id, &connection);
}

quic::DatagramSink& QuicSide::sink(std::uint64_t door) { return *find_door(door); }

void QuicSide::flush(std::uint64_t door) { find_door(door)->flush(); }

void QuicSide::handshake_done() { --handshakes_; }

std::string QuicSide::token_for(const SocketAddress& client) const {
  return shared_.tokens.for_later(client, worker_.core().loop.unix_now());
}

void QuicSide::retire(QuicConnection& connection) {
  const auto at = connections_.find(&connection);
  if (at == connections_.end()) return;
  for (const quic::AnyConnectionId& id : connection.ids())
    if (const auto known = by_id_.find(id); known != by_id_.end() && known->second == &connection)
      by_id_.erase(known);
  std::erase(touched_, &connection);
  if (connection.shaking_hands()) --handshakes_;
  counts_.release(connection.client());
  worker_.counts().closed.add();
  retired_.push_back(std::move(at->second));
  connections_.erase(at);
  worker_.core().loop.defer(*this);
}

void QuicSide::on_turn_end() {
  retired_.clear();
  std::erase_if(doors_, [this](const auto& door) {
    return door->closing &&
           std::ranges::none_of(connections_, [&](const auto& one) { return one.first->door() == door->id; });
  });
  worker_.quic_changed();
}

void QuicSide::drain(bool handed_over) {
  draining_ = true;
  if (handed_over)
    for (const auto& door : doors_) door->stop_taking();
  for (const auto& [connection, owned] : connections_) connection->drain();
  worker_.core().loop.defer(*this);
}

void QuicSide::cut() {
  for (const auto& [connection, owned] : connections_) connection->cut();
}

}  // namespace sally::gateway
