#include "load/http3_connection.h"

#include <utility>

namespace sally::load {
namespace {

constexpr unsigned kReadsAtOnce = 16;  ///< before the other connections have a turn

/// Windows that no server on a fast network fills: what is measured is the server.
const quic::QuicConfig& windows() {
  static const quic::QuicConfig config = [] {
    quic::QuicConfig made;
    made.stream_window = std::size_t{4} * 1024 * 1024;
    made.connection_window = std::size_t{16} * 1024 * 1024;
    made.idle_timeout = std::chrono::hours(1);  // the server's is the one that counts
    return made;
  }();
  return config;
}

}  // namespace

Http3Connection::Http3Connection(const Parts& parts) : Link(parts) {
  for (unsigned i = 0; i < plan_.streams; ++i) {
    slots_.push_back(std::make_unique<Slot>(*this));
    free_.push_back(slots_.back().get());
  }
}

void Http3Connection::Slot::on_whole() {
  owner.ledger_.answered(status, when.due);
  owner.release(*this);
}

void Http3Connection::Slot::on_lost(std::uint64_t error) {
  const bool unseen = error == NGHTTP3_H3_REQUEST_REJECTED;  // RFC 9114 8.1: not processed
  if (unseen && owner.codec_->is_leaving())
    owner.ledger_.unprocessed(when.due);
  else
    owner.ledger_.failed(unseen ? Failure::refused_stream : Failure::stream_reset, when.due);
  owner.release(*this);
}

void Http3Connection::release(Slot& slot) {
  slot.asked = false;
  free_.push_back(&slot);
}

Http3Connection::Fault Http3Connection::on_stream_data(std::int64_t s, Bytes bytes, bool end) {
  return codec_->receive(s, bytes, end);
}

void Http3Connection::open() {
  state_ = State::idle;
  if (!begin_attempt()) return;
  state_ = State::shaking;
  if (connect()) send();
}

bool Http3Connection::connect() {
  auto socket = quic::ClientSocket::open(origin_.address, room_.datagrams);
  if (!socket) {
    lost(Failure::not_connected);
    return false;
  }
  socket_.emplace(*std::move(socket));
  crypto::Ssl ssl = start_tls();
  if (!ssl) return false;
  ledger_.set_now(Clock::now());  // ngtcp2 knows no way back in time
  codec_ = std::make_unique<http3::ClientCodec>(http3::ClientCodec::Limits{});
  quic::ClientWish wish;
  wish.path = socket_->path();
  wish.ssl = std::move(ssl);
  wish.handshake_timeout = plan_.timeout;
  auto connection = quic::connect(*this, *codec_, windows(), std::move(wish), ledger_.now());
  if (!connection) {
    room_.give_up(std::move(connection).error());
    return false;
  }
  connection_ = *std::move(connection);
  asked_ = counted_in_ = counted_out_ = 0;
  if (room_.loop.watch(socket_->fd(), *this)) return true;
  lost(Failure::not_connected);
  return false;
}

void Http3Connection::on_events(std::uint32_t) {
  if (!connection_) return;
  ledger_.set_now(Clock::now());
  if (read_socket()) work();
}

bool Http3Connection::read_socket() {
  for (unsigned reads = 0; reads < kReadsAtOnce; ++reads) {
    const auto taken = socket_->take(*connection_, ledger_.now());
    if (taken.error != 0) {
      lost(failure_of(taken.error));
      return false;
    }
    if (!taken.more) return true;
  }
  room_.loop.defer(*this);
  return true;
}

void Http3Connection::on_timer() {
  if (!connection_) return;
  const TimePoint now = Clock::now();
  ledger_.set_now(now);
  connection_->expire(now);
  work();
}

void Http3Connection::work() {
  if (state_ == State::idle) return open();
  if (!connection_) return;
  if (state_ == State::shaking && connection_->handshake_done()) {
    shaken();
    if (!connection_) return;
  }
  if (state_ == State::speaking) {
    ask_more();
    if ((codec_->is_leaving() || is_spent()) && free_.size() == slots_.size()) {
      keep_session();
      part();
      return open();
    }
  }
  if (state_ == State::parting && needs_ticket()) session_ = std::move(fresh_);
  if (!send()) return;
  if (state_ != State::parting || needs_ticket()) return;
  part();
  open();
}

void Http3Connection::shaken() {
  ++ledger_.tally().connections;
  const SSL& ssl = *connection_->tls().ssl();
  note_handshake(ssl);
  if (connection_->tls().alpn() != "h3") {
    room_.give_up(fail(kNotSpoken, origin_.first.authority).error());
    return close();
  }
  state_ = State::speaking;
  if (!plan_.counts_handshakes()) return;
  book_handshake(connection_->tls().resumed());
  state_ = plan_.hold.count() != 0 ? State::held : State::parting;
}

void Http3Connection::ask_more() {
  while (!free_.empty() && codec_->room() > 0 && !is_spent()) {
    const auto next = next_request();
    if (!next) return;
    ++asked_;
    if (!ask(*next)) return ledger_.failed(Failure::protocol, next->due);
  }
}

bool Http3Connection::ask(const Asked& when) {
  static constexpr std::uint8_t kConstant = NGHTTP3_NV_FLAG_NO_COPY_NAME | NGHTTP3_NV_FLAG_NO_COPY_VALUE;
  fields_.clear();
  for (const RequestText::Line& line : origin_.text.lines(next_url()))
    fields_.push_back({reinterpret_cast<const std::uint8_t*>(line.name.data()),
                       reinterpret_cast<const std::uint8_t*>(line.value.data()), line.name.size(),
                       line.value.size(), kConstant});
  Slot& slot = *free_.back();
  if (!codec_->ask(fields_, as_bytes(origin_.text.body()), slot)) return false;
  free_.pop_back();
  slot.when = when;
  slot.status = 0;
  slot.asked = true;
  return true;
}

/// What is due. False: the connection has ended.
bool Http3Connection::send() {
  connection_->produce(*socket_, ledger_.now());
  socket_->flush();
  count_bytes();
  if (connection_->open()) {
    if (const Deadline due = connection_->deadline(); due != kNever) room_.loop.arm(*this, due);
    return true;
  }
  if (tls_ != nullptr && !tls_->distrust().empty()) {
    room_.give_up(fail(kNotTrusted, tls_->distrust()).error());
    return false;
  }
  lost(why_ended());
  return false;
}

void Http3Connection::count_bytes() {
  ledger_.tally().bytes_in +=
      connection_->received_bytes() - std::exchange(counted_in_, connection_->received_bytes());
  ledger_.tally().bytes_out +=
      connection_->sent_bytes() - std::exchange(counted_out_, connection_->sent_bytes());
}

Failure Http3Connection::why_ended() const {
  const Error* const why = connection_->failure();
  if (why == nullptr) return Failure::protocol;  // closed by us, for a fault of the codec
  if (why->is(quic::kHandshakeTimeout)) return Failure::connect_timeout;
  if (why->is(quic::kHandshake)) return Failure::tls;
  if (why->is(quic::kTransport)) return Failure::protocol;
  return state_ == State::shaking ? Failure::tls : Failure::closed;
}

void Http3Connection::lost(Failure why) {
  for (const auto& slot : slots_)
    if (slot->asked) {
      ledger_.failed(why, slot->when.due);
      release(*slot);
    }
  fail_attempt(why);
  close();
  state_ = State::paused;
}

/// Says goodbye (RFC 9114 5.2) and does not wait for an answer.
void Http3Connection::part() {
  if (connection_ && connection_->open()) {
    const TimePoint now = Clock::now();
    connection_->produce(*socket_, now);
    connection_->close(NGHTTP3_H3_NO_ERROR, {});
    connection_->produce(*socket_, now);
    socket_->flush();
    count_bytes();
  }
  close();
}

void Http3Connection::close() {
  if (socket_) room_.loop.unwatch(socket_->fd(), *this);
  if (armed()) room_.loop.disarm(*this);
  connection_.reset();
  codec_.reset();
  socket_.reset();
  state_ = State::idle;
}

void Http3Connection::expire_requests(TimePoint limit) {
  for (const auto& slot : slots_) {
    if (!slot->asked || slot->when.at >= limit) continue;
    codec_->cancel(*slot);
    ledger_.failed(Failure::timeout, slot->when.due);
    release(*slot);
  }
}

void Http3Connection::tick() {
  const TimePoint now = ledger_.now();
  switch (state_) {
    case State::idle:
    case State::held:
      return;
    case State::paused:
      return open();
    case State::shaking:
      if (now - since_ > plan_.timeout) lost(Failure::connect_timeout);
      return;
    case State::parting:
      if (now - since_ <= plan_.timeout) return;
      return lost(Failure::not_resumed);
    case State::speaking:
      break;
  }
  expire_requests(now - plan_.timeout);
  work();
}

}  // namespace sally::load
