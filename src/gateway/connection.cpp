#include "gateway/connection.h"

#include <algorithm>
#include <string>

#include "gateway/worker.h"
#include "net/listener.h"
#include "proto/http1/server_codec.h"
#include "proto/http2/server_codec.h"

namespace sally::gateway {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 3.4
constexpr int kRoundsOfATurn = 16;  ///< a fast peer must not starve its neighbours

}  // namespace

Connection::Connection(Worker& worker, std::uint64_t door, SharedPort port, Fd socket,
                       const SocketAddress& client, std::uint64_t id)
    : Requests(worker, door, std::move(port), client, id),
      stream_(worker.core().loop, std::move(socket)),
      held_(std::max(defaults_->tls.client_hello_limit * 2, Core::kInBytes + Core::kRecordBytes)) {
  if (const auto local = bound_address(stream_.fd())) facts_.server_address = local->host();
}

Connection::~Connection() {
  running_.reset();
  codec_.reset();  // before what it points at
}

void Connection::drain() {
  draining_ = true;
  if (codec_) codec_->drain();
  stream_.wake();
}

void Connection::leave() {
  if (std::exchange(leaving_, true)) return;
  // HTTP/1.1 hears of it with its next answer: a client that asks just now would find the door shut.
  if (codec_ && !one_at_a_time()) codec_->drain();
  stream_.wake();
}

void Connection::reconfigure(SharedPort port) {
  const bool stays = port && port->config.protocol == port_->config.protocol &&
                     port->redirects == port_->redirects && !(site_ && site_->retired);
  if (!stays) return leave();
  port_ = std::move(port);  // what asks for a site from now on gets the new ones
}

Task<Result<Unit>> Connection::run() {
  try {
    const Result<Unit> ended = co_await live();
    if (!ended && codec_) codec_->fail_with(ended.error());  // the log shall see what was open
    if (!ended && worker_.errors().wants(LogLevel::debug))
      worker_.errors().debug(client_.text() + ": " + ended.error().text());
  } catch (const std::exception& bug) {
    worker_.errors().error(client_.text() + ": a bug ended this connection: " + bug.what());
  }
  core_.out.clear();  // the core's, not ours: what could not be said here must never reach the next client
  worker_.retire(*this);
  co_return Unit{};
}

Task<Result<Unit>> Connection::live() {
  CO_TRY_VOID(stream_.start());
  if (any_contains(port_->config.proxies, facts_.client_address)) CO_TRY_VOID(co_await hear_proxy());
  if (port_->config.protocol == PortProtocol::https) {
    Result<Unit> greeted = co_await greet();
    if (!greeted) {
      worker_.counts().handshake_failures.add(greeted.error().kind().id);
      co_return greeted;
    }
  }
  core_.tick();
  // An error here is a connection that broke, or an answer that cannot be kept to its promise: the client
  // must notice, so nothing is said that would make it look whole.
  CO_TRY_VOID(co_await serve());
  if (call_) co_return Unit{};
  co_return co_await part();
}

/// What has come, behind what is held.
Result<Bytes> Connection::receive() {
  TRY(const auto n, stream_.read_now(core_.in));
  input_ended_ = n.has_value() && *n == 0;
  if (n.value_or(0) == 0) return held_.readable();
  received_ += *n;
  const Bytes fresh = Bytes(core_.in).first(*n);
  if (held_.empty()) return fresh;
  TRY_VOID(held_.append(fresh));
  return held_.readable();
}

Result<> Connection::keep(Bytes rest) { return held_.append(rest); }

Task<Result<Unit>> Connection::serve() {
  for (int turns = 1;; ++turns) {
    bool more = true;
    for (int round = 0; more && round < kRoundsOfATurn; ++round) {
      CO_TRY(const bool took, take_held());
      CO_TRY(const bool sent, send_output());
      CO_TRY(const bool took_more, take_held());  // an answer that is out makes room for the next request
      more = (took || sent || took_more) && !over();
    }
    if (over()) co_return Unit{};
    const bool give_way = more || turns % kRoundsOfATurn == 0;
    if (give_way) stream_.wake();
    const std::uint8_t why = co_await stream_.until(give_way ? 0 : wanted(), next_deadline());
    core_.tick();
    if (why & Stream::kTimedOut) CO_TRY_VOID(time_out());
    if (why & Stream::kReadable && wanted() & Stream::kReadable) CO_TRY_VOID(read_and_take());
  }
}

Result<> Connection::read_and_take() {
  TRY(const auto n, stream_.read_now(core_.in));
  if (!n) return {};
  if (*n == 0) {
    input_ended();
    return {};
  }
  received_ += *n;
  const Bytes fresh = Bytes(core_.in).first(*n);
  if (!held_.empty()) return held_.append(fresh);
  TRY(const std::size_t used, take(fresh));
  return held_.append(fresh.subspan(used));
}

/// Offers again what was held back. True: some of it was taken.
Result<bool> Connection::take_held() {
  bool took = false;
  if (held_plain_) {
    TRY(const std::size_t used, take_plain(held_plain_->readable()));
    held_plain_->consume(used);
    if (!held_plain_->empty()) return used != 0;
    held_plain_.reset();
    took = true;
  }
  if (held_.empty()) return took;
  TRY(const std::size_t used, take(held_.readable()));
  held_.consume(used);
  held_.release_if_empty();
  return took || used != 0;
}

/// How much of `in` was taken: all of it, unless the codec is full.
Result<std::size_t> Connection::take(Bytes in) {
  if (!tls_) return take_plain(in);
  core_.tls.in = in;
  for (;;) {
    auto received = tls_->read(core_.plain, core_.loop.now());
    if (!received) {
      [[maybe_unused]] const Result<> sent = flush();  // the alert that says why (RFC 8446 6.2)
      return std::unexpected(std::move(received).error());
    }
    const tls::ServerSession::Read read = *received;
    if (read.end) input_ended();
    if (read.size == 0) break;
    const Bytes plain = Bytes(core_.plain).first(read.size);
    TRY(const std::size_t used, take_plain(plain));
    if (used < plain.size()) {
      held_plain_ = std::make_unique<Buffer>(Core::kRecordBytes);
      TRY_VOID(held_plain_->append(plain.subspan(used)));
      break;
    }
    if (core_.tls.in.empty() && read.size < core_.plain.size())
      break;  // the library reads not ahead: nothing is left
  }
  return in.size() - core_.tls.in.size();
}

/// Errors of the peer's making are no errors here: the codec has written its farewell and will be finished.
Result<std::size_t> Connection::take_plain(Bytes plain) {
  if (!codec_ && begins_call(plain)) {
    call_ = true;
    return std::size_t{0};
  }
  if (!codec_) make_codec(plain);
  if (!codec_) return std::size_t{0};
  if (codec_->finished()) return plain.size();
  Result<std::size_t> used = codec_->receive(plain);
  if (used) return used;
  worker_.counts().connection_failures.add(used.error().kind().id);
  if (worker_.errors().wants(LogLevel::debug))
    worker_.errors().debug(client_.text() + ": " + used.error().text());
  return plain.size();
}

/// MS-SSTP 3.2.4.1: the request has no end, so it is no exchange. Clients send its head in one record.
bool Connection::begins_call(Bytes plain) const {
  return tls_ && one_at_a_time() && port_->relay && port_->relay->sstp &&
         as_text(plain).starts_with(kCallMethod);
}

CallHandover Connection::hand_over() {
  return {*std::move(tls_), held_.readable(), held_plain_ ? held_plain_->readable() : Bytes(), facts_, site_};
}

void Connection::make_codec(Bytes first) {
  const std::string_view begins = as_text(first).substr(0, kPreface.size());
  const bool may_be_http2 = !tls_ && !plain_on_tls_ && port_->config.h2c && kPreface.starts_with(begins);
  if (may_be_http2 && begins.size() < 3) return;  // "P": PUT or PRI? The next bytes tell
  CodecEvents& events = *this;
  prior_knowledge_ = may_be_http2;
  if (!one_at_a_time())
    codec_ = std::make_unique<http2::ServerCodec>(core_.exchanges, limits(), events, facts_, core_.stamp);
  else
    codec_ = std::make_unique<http1::ServerCodec>(core_.exchanges, limits(), events, facts_, core_.stamp);
  if (draining_ || (leaving_ && !one_at_a_time())) codec_->drain();
}

void Connection::input_ended() {
  if (std::exchange(input_ended_, true)) return;
  silent_end_ = !codec_ || codec_->waiting() == CodecWait::idle;
  if (codec_) codec_->end_of_input();
}

/// Writes what is ready. True: there is more, and the client took all so far.
Result<bool> Connection::send_output() {
  TRY_VOID(flush());
  if (unsent_) return false;
  if (codec_) TRY_VOID(produce_once());
  TRY_VOID(flush());
  return more_to_send_ && !unsent_;
}

Result<> Connection::produce_once() {
  if (!tls_) {
    PlainSink sink(core_.out);
    TRY(more_to_send_, codec_->produce(sink));
    return {};
  }
  TlsSink sink(core_, *tls_, sizer_);
  TRY(more_to_send_, codec_->produce(sink));
  return sink.finish();
}

/// Gives the kernel what waits and what this turn made; keeps what it does not take.
Result<> Connection::flush() {
  if (unsent_ && stream_.writable()) {
    TRY(const std::size_t n, stream_.write_now(unsent_->readable()));
    unsent_->consume(n);
    sent_ += n;
    if (unsent_->empty()) unsent_.reset();
  }
  Bytes fresh = core_.out.filled();
  if (fresh.empty()) return {};
  if (!unsent_) {
    auto taken = stream_.write_now(fresh);
    if (!taken) {
      core_.out.clear();
      return std::unexpected(std::move(taken).error());
    }
    sent_ += *taken;
    fresh = fresh.subspan(*taken);
  }
  Result<> kept{};
  if (!fresh.empty()) {
    if (!unsent_) unsent_ = std::make_unique<Buffer>(limits().output_buffer_bytes + 2 * Core::kOutSlack);
    kept = unsent_->append(fresh);
  }
  core_.out.clear();
  return kept;
}

bool Connection::over() const {
  if (unsent_) return false;
  if (call_ || (codec_ && codec_->finished())) return true;
  if (draining_ && !codec_) return true;
  return input_ended_ &&
         (!codec_ || codec_->waiting() == CodecWait::idle || codec_->waiting() == CodecWait::head);
}

std::uint8_t Connection::wanted() const {
  std::uint8_t wanted = 0;
  if (unsent_) wanted |= Stream::kWritable;
  if (!input_ended_ && !held_plain_ && (held_.empty() || !codec_)) wanted |= Stream::kReadable;
  return wanted;
}

Deadline Connection::next_deadline() {
  const CodecWait wait = unsent_ ? CodecWait::send : codec_ ? codec_->waiting() : CodecWait::idle;
  clock_.enter(wait, received_, sent_, core_.loop.now());
  const Deadline by = clock_.deadline(limits());
  if (!leaving_ || wait != CodecWait::idle || !one_at_a_time()) return by;
  if (leave_by_ == kNever) leave_by_ = core_.loop.now() + limits().parting_timeout;
  return std::min(by, leave_by_);
}

Result<> Connection::time_out() {
  if (core_.loop.now() >= leave_by_ && clock_.wait() == CodecWait::idle) {
    drain();
    return {};
  }
  const ErrorKind* const kind = clock_.fired(limits(), core_.loop.now());
  if (kind == nullptr) return {};
  worker_.counts().connection_failures.add(kind->id);
  // A client that takes nothing would not take a farewell either.
  if (!codec_ || unsent_) return fail(*kind, "after " + std::to_string(sent_) + " bytes sent");
  codec_->fail_with(Error(*kind, WirePos{received_}, {}, std::source_location::current()));
  return {};
}

/// Says goodbye so that the last answer is not lost: a close with unread input would reset it away (RFC
/// 9112 9.6).
Task<Result<Unit>> Connection::part() {
  if (input_ended_ && silent_end_) co_return Unit{};
  if (tls_ && !unsent_) tls_->close();
  CO_TRY_VOID(flush());
  stream_.shutdown_write();
  const Deadline by = core_.loop.now() + limits().linger_timeout;
  while (!input_ended_) {
    if (co_await stream_.until(Stream::kReadable, by) & Stream::kTimedOut) break;
    CO_TRY(const auto n, stream_.read_now(core_.in));
    input_ended_ = n.has_value() && *n == 0;
  }
  co_return Unit{};
}

http::Handler& Connection::handler_for(Site& site, http::Exchange& x) {
  if (plain_on_tls_) return worker_.handlers().https_redirect(facts_.server_port);
  if (port_->redirects)
    return worker_.handlers().https_redirect(https_port(worker_.settings(), *site.config));
  return Requests::handler_for(site, x);
}

void Connection::on_request(http::Exchange& x) {
  if (leaving_ && one_at_a_time()) codec_->drain();
  begin(x);
}

}  // namespace sally::gateway
