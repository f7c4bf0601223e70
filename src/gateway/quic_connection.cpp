#include "gateway/quic_connection.h"

#include <algorithm>
#include <string>

#include "gateway/connection.h"
#include "gateway/quic_side.h"
#include "gateway/worker.h"

namespace sally::gateway {
namespace {

using namespace std::chrono_literals;
/// Between the two words of the end: a client has heard the first by then, whatever its round trip.
constexpr Duration kDrainPause = 500ms;
/// The client's first, ours, and as many as ngtcp2 lets a client hold in store.
constexpr std::size_t kUsualIds = 10;

}  // namespace

QuicConnection::QuicConnection(Worker& worker, QuicSide& side, std::uint64_t door, SharedPort port,
                               const SocketAddress& client, std::uint64_t id)
    : Requests(worker, door, std::move(port), client, id), side_(side), generation_(worker.generation()) {
  facts_.secure = true;
  facts_.tls_version = "TLSv1.3";
}

QuicConnection::~QuicConnection() {
  codec_.reset();
  quic_.reset();
}

Result<> QuicConnection::start(const quic::Arrival& arrival) {
  facts_.server_address = arrival.path.local.host();
  const Settings& settings = generation_->settings;
  CodecEvents& events = *this;
  codec_ = std::make_unique<http3::ServerCodec>(core_.exchanges, settings.quic, events, facts_, core_.stamp);
  ids_.reserve(kUsualIds);
  ids_.emplace_back(arrival.destination);
  side_.add_id(ids_.back(), *this);
  const quic::Connection::Parts parts{*this,
                                      *codec_,
                                      side_.ids(),
                                      settings.quic,
                                      side_.worker_number(),
                                      defaults_->tls.handshake_timeout,
                                      defaults_->tls.client_hello_limit,
                                      core_.exchanges.body_pipe_bytes(),
                                      &side_.qlog()};
  TRY(quic_, quic::Connection::accept(parts, arrival, core_.loop.now()));
  return {};
}

void QuicConnection::receive(const quic::Path& path, Bytes bytes, std::uint8_t ecn) {
  quic_->receive(path, bytes, ecn, core_.loop.now());
}

void QuicConnection::flush() {
  quic::DatagramSink& out = side_.sink(door_);
  quic_->produce(out, core_.loop.now());
  if (quic_->open() && codec_->finished()) {
    quic_->close(NGHTTP3_H3_NO_ERROR, {});
    quic_->produce(out, core_.loop.now());
  }
  side_.flush(door_);
  look_after_end();
  arm_next();
}

/// Tells exchanges and the log, once.
void QuicConnection::look_after_end() {
  if (quic_->open() || told_end_) return;
  told_end_ = true;
  const Error* const why = codec_->broken() ? codec_->broken() : quic_->failure();
  const Error closed(http3::kClosed, WirePos{}, {}, std::source_location::current());
  codec_->fail_with(why != nullptr ? *why : closed);
  if (why != nullptr) count_end(*why);
  codec_.reset();
  quic_->forget();
}

void QuicConnection::count_end(const Error& why) {
  if (!quic_->handshake_done())
    worker_.counts().handshake_failures.add(why.kind().id);
  else if (!why.is(quic::kClosedByPeer) && !why.is(quic::kIdle))
    worker_.counts().connection_failures.add(why.kind().id);
  if (worker_.errors().wants(LogLevel::debug))
    worker_.errors().debug(client_.text() + " (QUIC): " + why.text());
}

void QuicConnection::arm_next() {
  if (quic_->gone()) return side_.retire(*this);
  Deadline by = quic_->deadline();
  if (quic_->open() && quic_->handshake_done()) {
    clock_.enter(codec_->waiting(), codec_->received_bytes(), codec_->taken_bytes(), core_.loop.now());
    by = std::min({by, clock_.deadline(limits()), drain_again_});
  }
  if (by == kNever)
    core_.loop.disarm(*this);
  else
    core_.loop.arm(*this, by);
}

void QuicConnection::on_timer() {
  core_.tick();
  const TimePoint now = core_.loop.now();
  quic_->expire(now);
  if (now >= drain_again_) {
    drain_again_ = kNever;
    if (codec_) codec_->drain();
  }
  look_at_clock();
  flush();
}

void QuicConnection::look_at_clock() {
  if (!quic_->open() || !quic_->handshake_done()) return;
  const ErrorKind* const kind = clock_.fired(limits(), core_.loop.now());
  if (kind == nullptr) return;
  worker_.counts().connection_failures.add(kind->id);
  codec_->fail_with(Error(*kind, WirePos{}, {}, std::source_location::current()));
  quic_->close(kind == &kKeepAlive ? NGHTTP3_H3_NO_ERROR : NGHTTP3_H3_EXCESSIVE_LOAD, kind->id);
}

void QuicConnection::on_sendable() { core_.loop.defer(*this); }

void QuicConnection::on_turn_end() {
  core_.tick();
  flush();
}

void QuicConnection::drain() {
  if (std::exchange(draining_, true) || !codec_) return;
  codec_->drain();
  drain_again_ = core_.loop.now() + kDrainPause;
  core_.loop.defer(*this);
}

void QuicConnection::cut() {
  if (!quic_->open()) return;
  codec_->fail_with(Error(kDrainTimeout, WirePos{}, {}, std::source_location::current()));
  quic_->close(NGHTTP3_H3_NO_ERROR, {});
  quic_->produce(side_.sink(door_), core_.loop.now());
  side_.flush(door_);
}

void QuicConnection::reconfigure(SharedPort port) {
  const bool stays = port && port->config.protocol == port_->config.protocol && !(site_ && site_->retired);
  if (!stays) return drain();
  port_ = std::move(port);
}

// --- what QUIC tells

/// RFC 6066 3: a name that is not served is refused, never answered with another site's certificate.
Result<std::shared_ptr<const tls::ServerIdentity>> QuicConnection::on_hello(const tls::HelloPeek& hello) {
  Site* const site = hello.server_name.empty() ? port_->sites.unnamed(facts_.server_address)
                                               : port_->sites.find(hello.server_name);
  if (site == nullptr || !site->tls)
    return fail(kUnknownName, hello.server_name.empty() ? "no name" : hello.server_name);
  site_ = site->shared_from_this();
  facts_.server_name = hello.server_name;
  return site->tls;
}

QuicConnection::Fault QuicConnection::on_handshake() {
  const quic::Handshake& tls = quic_->tls();
  facts_.tls_suite = tls.suite();
  facts_.tls_group = tls.group();
  facts_.alpn = tls.alpn();
  facts_.resumed = tls.resumed();
  worker_.counts().add_handshake(facts_.tls_version, facts_.tls_group, facts_.resumed);
  side_.handshake_done();
  quic_->offer_token(side_.token_for(client_));
  const Fault fault = codec_->begin(*quic_, limits());
  if (!draining_) return fault;
  codec_->drain();
  drain_again_ = core_.loop.now() + kDrainPause;
  return fault;
}

QuicConnection::Fault QuicConnection::on_stream_data(std::int64_t stream, Bytes bytes, bool end) {
  return codec_->receive(stream, bytes, end);
}

QuicConnection::Fault QuicConnection::on_acknowledged(std::int64_t stream, std::uint64_t bytes) {
  return codec_->acknowledged(stream, bytes);
}

QuicConnection::Fault QuicConnection::on_reset(std::int64_t stream, std::uint64_t error) {
  return codec_->reset_by_client(stream, error);
}

QuicConnection::Fault QuicConnection::on_closed(std::int64_t stream, std::uint64_t error) {
  return codec_->closed(stream, error);
}

QuicConnection::Fault QuicConnection::on_room(std::int64_t stream) { return codec_->room_again(stream); }

void QuicConnection::on_id(const quic::ConnectionId& id) {
  ids_.emplace_back(std::as_bytes(std::span(id)));
  side_.add_id(ids_.back(), *this);
}

void QuicConnection::on_id_gone(Bytes id) {
  const quic::AnyConnectionId gone(id);
  side_.remove_id(gone);
  std::erase(ids_, gone);
}

void QuicConnection::on_request(http::Exchange& x) { begin(x); }

}  // namespace sally::gateway
