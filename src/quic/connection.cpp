#include "quic/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "quic/library_path.h"

namespace sally::quic {
namespace {

constexpr std::size_t kMostFarewell = 1500;
constexpr std::uint64_t kOneWayStreams = 8;  // control, QPACK twice, and some that are ignored
constexpr std::uint64_t kOneWayWindow = 64 * 1024;
constexpr std::uint32_t kVersions[] = {kVersion1, kVersion2};
/// Sizes of UDP payloads that a path may carry, in the order of their trial (RFC 8899 5.3.2): what Ethernet
/// takes behind two tunnels and alone, jumbo frames, hosts that speak with themselves; behind one tunnel.
constexpr std::uint16_t kPathSizes[] = {1342, 1444, 8932, DatagramSink::kMostDatagram, 1406};
/// From so many bytes on they are tried: a page and its few small files do not pay for the probes.
constexpr std::uint64_t kWorthProbing = 32 * 1024;

ngtcp2_cid cid_of(Bytes id) {
  ngtcp2_cid out;
  ngtcp2_cid_init(&out, as_u8(id), id.size());
  return out;
}

ngtcp2_settings settings_of(const Connection::Parts& parts, const Arrival& arrival, TimePoint now) {
  ngtcp2_settings s;
  ngtcp2_settings_default(&s);
  s.initial_ts = stamp_of(now);
  s.cc_algo = parts.config.congestion == Congestion::bbr ? NGTCP2_CC_ALGO_BBR : NGTCP2_CC_ALGO_CUBIC;
  s.handshake_timeout = static_cast<ngtcp2_duration>(Duration(parts.handshake_timeout).count());
  s.max_tx_udp_payload_size = DatagramSink::kMostDatagram;
  s.pmtud_probes = kPathSizes;
  s.pmtud_probeslen = std::size(kPathSizes);
  s.available_versions = kVersions;
  s.available_versionslen = std::size(kVersions);
  if (!arrival.validated) return s;
  s.token = reinterpret_cast<const std::uint8_t*>(arrival.token.data());
  s.tokenlen = arrival.token.size();
  s.token_type = arrival.of_retry ? NGTCP2_TOKEN_TYPE_RETRY : NGTCP2_TOKEN_TYPE_NEW_TOKEN;
  return s;
}

ngtcp2_transport_params parameters_of(const Connection::Parts& parts, const Arrival& arrival) {
  const QuicConfig& config = parts.config;
  ngtcp2_transport_params p;
  ngtcp2_transport_params_default(&p);
  p.initial_max_stream_data_bidi_remote = std::min(config.stream_window, parts.most_of_a_stream);
  p.initial_max_stream_data_bidi_local = p.initial_max_stream_data_bidi_remote;
  p.initial_max_stream_data_uni = kOneWayWindow;
  p.initial_max_data = config.connection_window;
  p.initial_max_streams_bidi = config.max_streams;
  p.initial_max_streams_uni = kOneWayStreams;
  p.max_idle_timeout = static_cast<ngtcp2_duration>(Duration(config.idle_timeout).count());
  p.active_connection_id_limit = 4;
  p.stateless_reset_token_present = 1;
  p.grease_quic_bit = 1;
  p.original_dcid_present = 1;
  p.original_dcid = cid_of(arrival.of_retry ? arrival.first_destination : arrival.destination);
  if (arrival.of_retry) {
    p.retry_scid_present = 1;
    p.retry_scid = cid_of(arrival.destination);
  }
  return p;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::accept(const Parts& parts, const Arrival& arrival,
                                                       TimePoint now) {
  std::unique_ptr<Connection> made(new Connection(parts));
  TRY_VOID(made->set_up(arrival, now));
  return made;
}

Result<> Connection::set_up(const Arrival& arrival, TimePoint now) {
  path_ = arrival.path;
  const ConnectionId id = parts_.ids.make(parts_.worker);
  const Bytes id_bytes = as_bytes(std::span(id.data(), id.size()));
  ngtcp2_settings settings = settings_of(parts_, arrival, now);
  settings.qlog_write = record(arrival.of_retry ? arrival.first_destination : arrival.destination);
  ngtcp2_transport_params parameters = parameters_of(parts_, arrival);
  std::ranges::copy(parts_.ids.reset_token(id_bytes), parameters.stateless_reset_token);
  const ngtcp2_path path = path_of(arrival.path);
  const ngtcp2_cid theirs = cid_of(arrival.client_id), ours = cid_of(id_bytes);
  const int rv = ngtcp2_conn_server_new(&conn_, &theirs, &ours, &path, arrival.version,
                                        &connection_callbacks(), &settings, &parameters, nullptr, this);
  if (rv != 0) return fail(kLibrary, ngtcp2_strerror(rv));
  parts_.events.on_id(id);
  return {};
}

Connection::~Connection() { ngtcp2_conn_del(conn_); }

void Connection::rethrow() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

/// Bytes of the first message, until all of it is there.
int Connection::take_hello(Bytes bytes) {
  static constexpr std::size_t kRecordHeader = 5, kMessageHeader = 4, kMostRecord = 65535;
  const std::size_t limit = std::min(parts_.hello_limit, kMostRecord);
  if (hello_.empty()) hello_.assign("\x16\x03\x01\0\0", kRecordHeader);  // as peek_hello() knows it from TCP
  hello_.append(as_text(bytes));
  const std::size_t size = hello_.size() - kRecordHeader;
  if (size > limit) {
    ngtcp2_conn_set_tls_alert(conn_, static_cast<std::uint8_t>(tls::kHelloTooLong.tls_alert));
    return NGTCP2_ERR_CRYPTO;
  }
  if (size < kMessageHeader) return 0;
  hello_[3] = static_cast<char>(size >> 8);
  hello_[4] = static_cast<char>(size);
  const auto peek = tls::peek_hello(as_bytes(hello_), limit);
  const auto refuse = [this](const Error& why) {
    const std::int16_t alert = why.kind().tls_alert;
    ngtcp2_conn_set_tls_alert(conn_, static_cast<std::uint8_t>(alert < 0 ? 80 : alert));
    failure_.emplace(why.kind(), why.pos(), std::string(why.detail()), why.raised());
    return NGTCP2_ERR_CRYPTO;
  };
  if (!peek) return refuse(peek.error());
  if (!*peek) return 0;
  auto identity = parts_.events.on_hello(**peek);
  if (!identity) return refuse(identity.error());
  const auto begun = tls_.serve(conn_, *std::move(identity), parts_.events.early_terms());
  if (!begun) return refuse(begun.error());
  const std::string hello = std::exchange(hello_, {});
  const int rv =
      tls_.take(NGTCP2_ENCRYPTION_LEVEL_INITIAL, as_bytes(std::string_view(hello).substr(kRecordHeader)));
  if (rv == 0 && tls_.early()) fault_ = parts_.events.on_early_data();
  return fault_ ? NGTCP2_ERR_CALLBACK_FAILURE : rv;
}

void Connection::receive(const Path& path, Bytes datagram, std::uint8_t ecn, TimePoint now) {
  received_ += datagram.size();
  if (life_ == Life::closing) {
    // RFC 9000 10.2.1: answer ever fewer of them.
    ++since_close_;
    say_close_ = say_close_ || (since_close_ & (since_close_ - 1)) == 0;
  }
  if (life_ != Life::open) return;
  const ngtcp2_path at = path_of(path);
  const ngtcp2_pkt_info facts{ecn};
  const int rv = ngtcp2_conn_read_pkt(conn_, &at, &facts, as_u8(datagram), datagram.size(), stamp_of(now));
  rethrow();
  if (rv != 0) fail_with(rv, now);
}

void Connection::fail_with(int library_error, TimePoint now) {
  const auto note = [this](const ErrorKind& kind, std::string detail) {
    if (!failure_) failure_.emplace(kind, WirePos{}, std::move(detail), std::source_location::current());
  };
  ngtcp2_ccerr why;
  ngtcp2_ccerr_default(&why);
  switch (library_error) {
    case NGTCP2_ERR_DRAINING:
      note(kClosedByPeer, std::to_string(ngtcp2_conn_get_ccerr(conn_)->error_code));
      return end(Life::draining, now);
    case NGTCP2_ERR_IDLE_CLOSE:
      note(kIdle, {});
      return end(Life::gone, now);
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      note(kHandshakeTimeout, {});
      return end(Life::gone, now);
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:  // RFC 9000 6.2: nothing is to be said
      note(kVersionRefused, {});
      return end(Life::gone, now);
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:
      wants_proof_ = true;
      if (qlog_) qlog_->discard();
      note(kDropped, ngtcp2_strerror(library_error));
      return end(Life::gone, now);
    case NGTCP2_ERR_CRYPTO:
      note(kHandshake, tls_.reason());
      if (const int inner = ngtcp2_conn_get_tls_error(conn_); inner != 0)
        ngtcp2_ccerr_set_liberr(&why, inner, nullptr, 0);
      else
        ngtcp2_ccerr_set_tls_alert(&why, ngtcp2_conn_get_tls_alert(conn_), nullptr, 0);
      break;
    case NGTCP2_ERR_CALLBACK_FAILURE:
      if (fault_) {
        ngtcp2_ccerr_set_application_error(&why, *fault_, nullptr, 0);
        break;
      }
      [[fallthrough]];
    default:
      note(kTransport, ngtcp2_strerror(library_error));
      ngtcp2_ccerr_set_liberr(&why, library_error, nullptr, 0);
      break;
  }
  farewell_ = why;
  begin_closing(now);
}

void Connection::close(std::uint64_t error, std::string_view reason) {
  if (life_ != Life::open || farewell_) return;
  farewell_reason_ = reason;
  ngtcp2_ccerr why;
  ngtcp2_ccerr_default(&why);
  ngtcp2_ccerr_set_application_error(
      &why, error, reinterpret_cast<const std::uint8_t*>(farewell_reason_.data()), farewell_reason_.size());
  farewell_ = why;
}

/// Makes the packet that says why; produce() sends it.
void Connection::begin_closing(TimePoint now) {
  if (life_ != Life::open) return;
  ngtcp2_path_storage at;
  ngtcp2_path_storage_zero(&at);
  ngtcp2_pkt_info facts{};
  close_packet_.resize(kMostFarewell);
  const ngtcp2_ssize n = ngtcp2_conn_write_connection_close(conn_, &at.path, &facts, close_packet_.data(),
                                                            close_packet_.size(), &*farewell_, stamp_of(now));
  if (n <= 0) return end(Life::gone, now);
  close_packet_.resize(static_cast<std::size_t>(n));
  path_ = path_from(at.path);
  say_close_ = true;
  end(Life::closing, now);
}

void Connection::end(Life how, TimePoint now) {
  life_ = how;
  // RFC 9000 10.2: three times the probe timeout.
  if (how != Life::gone) gone_at_ = now + 3 * std::chrono::nanoseconds(ngtcp2_conn_get_pto(conn_));
}

void Connection::forget() {
  if (life_ == Life::open) return;
  tls_.forget();
  ngtcp2_conn_del(std::exchange(conn_, nullptr));
}

void Connection::produce(DatagramSink& out, TimePoint now) {
  if (life_ == Life::open && farewell_) begin_closing(now);
  if (life_ == Life::closing && std::exchange(say_close_, false)) {
    const auto room = out.room(close_packet_.size());
    std::ranges::copy(close_packet_, room.begin());
    sent_ += close_packet_.size();
    out.commit(close_packet_.size(), path_, 0);
  }
  if (life_ != Life::open) return;
  std::size_t quantum = ngtcp2_conn_get_send_quantum(conn_);
  for (bool more = true; more;) {
    writing_ = true;
    while (write_one(out, now, quantum)) {
    }
    writing_ = false;
    more = !orders_.empty() && life_ == Life::open && quantum != 0;
    for (const Order& order : std::exchange(orders_, {})) obey(order);
  }
  if (life_ == Life::open) ngtcp2_conn_update_pkt_tx_time(conn_, stamp_of(now));
}

/// One packet. False: no more for now.
bool Connection::write_one(DatagramSink& out, TimePoint now, std::size_t& quantum) {
  const std::size_t most = sent_ < kWorthProbing ? ngtcp2_conn_get_path_max_tx_udp_payload_size(conn_)
                                                 : ngtcp2_conn_get_max_tx_udp_payload_size(conn_);
  const std::span<std::uint8_t> room = out.room(most);
  ngtcp2_path_storage at;
  ngtcp2_path_storage_zero(&at);
  ngtcp2_pkt_info facts{};
  for (;;) {
    StreamSource::Next next;
    if (ready()) {
      const auto asked = parts_.source.next(next);
      if (!asked) {
        fault_ = asked.error();
        fail_with(NGTCP2_ERR_CALLBACK_FAILURE, now);
        return false;
      }
    }
    std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE;
    if (next.stream >= 0 && next.end) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    ngtcp2_ssize taken = -1;
    const ngtcp2_ssize n =
        ngtcp2_conn_writev_stream(conn_, &at.path, &facts, room.data(), most, &taken, flags, next.stream,
                                  next.pieces.data(), next.count, stamp_of(now));
    rethrow();
    if (taken >= 0 && next.stream >= 0) parts_.source.sent(next.stream, static_cast<std::size_t>(taken));
    if (n == NGTCP2_ERR_WRITE_MORE) continue;
    if (n == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
      parts_.source.blocked(next.stream);
      continue;
    }
    if (n == NGTCP2_ERR_STREAM_SHUT_WR || n == NGTCP2_ERR_STREAM_NOT_FOUND) {
      parts_.source.shut(next.stream);
      continue;
    }
    if (n < 0) {
      fail_with(static_cast<int>(n), now);
      return false;
    }
    if (n == 0) return false;
    const auto size = static_cast<std::size_t>(n);
    path_ = path_from(at.path);
    sent_ += size;
    out.commit(size, path_, static_cast<std::uint8_t>(facts.ecn));
    quantum = quantum > size ? quantum - size : 0;
    return quantum != 0;
  }
}

Deadline Connection::deadline() const {
  if (life_ == Life::gone) return TimePoint{};
  if (life_ != Life::open) return gone_at_;
  const ngtcp2_tstamp at = ngtcp2_conn_get_expiry(conn_);
  return at == UINT64_MAX ? kNever : TimePoint(std::chrono::nanoseconds(at));
}

void Connection::expire(TimePoint now) {
  if (life_ == Life::closing || life_ == Life::draining) {
    if (now >= gone_at_) life_ = Life::gone;
    return;
  }
  if (life_ != Life::open || deadline() > now) return;
  const int rv = ngtcp2_conn_handle_expiry(conn_, stamp_of(now));
  rethrow();
  if (rv != 0) fail_with(rv, now);
}

void Connection::offer_token(std::string_view token) {
  ngtcp2_conn_submit_new_token(conn_, reinterpret_cast<const std::uint8_t*>(token.data()), token.size());
}

std::optional<std::int64_t> Connection::open_one_way() {
  std::int64_t id = -1;
  if (ngtcp2_conn_open_uni_stream(conn_, &id, nullptr) != 0) return std::nullopt;
  return id;
}

void Connection::used(std::int64_t stream, std::uint64_t bytes) { ask({Order::What::used, stream, bytes}); }

void Connection::shut(std::int64_t stream, std::uint64_t error) { ask({Order::What::shut, stream, error}); }

void Connection::stop_reading(std::int64_t stream, std::uint64_t error) {
  ask({Order::What::stop_reading, stream, error});
}

void Connection::allow_streams(std::size_t count) { ask({Order::What::allow, -1, count}); }

void Connection::ask(const Order& order) {
  if (writing_)
    orders_.push_back(order);
  else
    obey(order);
}

void Connection::obey(const Order& order) {
  if (conn_ == nullptr) return;
  switch (order.what) {
    case Order::What::used:
      ngtcp2_conn_extend_max_stream_offset(conn_, order.stream, order.number);
      ngtcp2_conn_extend_max_offset(conn_, order.number);
      break;
    case Order::What::shut:
      ngtcp2_conn_shutdown_stream(conn_, 0, order.stream, order.number);
      break;
    case Order::What::stop_reading:
      ngtcp2_conn_shutdown_stream_read(conn_, 0, order.stream, order.number);
      break;
    case Order::What::allow:
      ngtcp2_conn_extend_max_streams_bidi(conn_, order.number);
      break;
  }
}

}  // namespace sally::quic
