#include "check/dialer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "check/envelope.h"
#include "loop/sleep.h"
#include "net/connect.h"

namespace sally::check {
namespace {

constexpr unsigned kAtOnceInPlainText = 3, kAtOnceInPackets = 6, kBusyTries = 3;
constexpr std::chrono::milliseconds kBusyPause{700};  ///< doubled with each try
constexpr std::size_t kMostPlainBytes = 256 * 1024;
constexpr unsigned kMostSteps = 1000;
constexpr std::chrono::milliseconds kPieceGap{30};  ///< so that the pieces travel and are read apart

Answer not_open(const Error& error) {
  Answer out;
  out.why = error.text();
  if (error.is(kConnectRefused)) out.end = Answer::End::refused;
  if (error.is(kUnreachable)) out.end = Answer::End::unreachable;
  if (error.is(kConnectTimeout)) out.end = Answer::End::dropped;
  if (error.is(kConnectReset)) out.end = Answer::End::reset;
  if (error.is(kNoStartTls) || error.is(proto::kOtherSpeech) || error.is(proto::kTalksTooMuch))
    out.end = Answer::End::no_starttls;
  return out;
}

}  // namespace

Task<Answer> read_flight(Stream& stream, tls::FlightReader::Until until, Deadline by) {
  tls::FlightReader reader(until);
  Answer out;
  std::array<std::byte, 8192> room;
  for (bool done = false; !done;) {
    const auto got = stream.read_now(room);
    if (!got) {
      out.end = Answer::End::reset;
      out.why = got.error().detail();
      break;
    }
    if (!*got) {
      if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0) {
        out.end = Answer::End::silent;
        break;
      }
      continue;
    }
    if (**got == 0) {
      out.end = Answer::End::closed;
      reader.end();
      break;
    }
    const auto fed = reader.feed(Bytes(room).first(**got));
    if (!fed) {
      out.end = Answer::End::malformed;
      out.why = fed.error().text();
      break;
    }
    done = *fed;
    if (done) out.end = Answer::End::flight;
  }
  out.flight = reader.take();
  // What came before the end counts: many servers close right behind their ServerHello or their greeting.
  if (out.end != Answer::End::malformed && (out.flight.hello || out.flight.alert))
    out.end = Answer::End::flight;
  if (out.flight.stranger != tls::Stranger::none) out.end = Answer::End::stranger;
  co_return out;
}

std::string Answer::text() const {
  switch (end) {
    case End::flight:
      return flight.hello   ? "answered with a ServerHello"
             : flight.alert ? "sent the alert " + tls::alert_name(flight.alert->description)
                            : "spoke TLS";
    case End::stranger:
      return flight.banner.empty() ? "spoke another protocol" : "answered \"" + flight.banner + "\"";
    case End::closed:
      return "closed the connection";
    case End::reset:
      return "reset the connection";
    case End::silent:
      return "did not answer in time";
    case End::malformed:
      return "broke the grammar of TLS: " + why;
    case End::refused:
      return "refused the connection";
    case End::unreachable:
      return "could not be reached";
    case End::dropped:
      return "did not answer the attempt to connect";
    case End::no_starttls:
    case End::not_connected:
      break;
  }
  return why;
}

Deadline Dialer::answer_by() const { return std::min(loop_.now() + limits_.answer, limits_.end); }

namespace {

unsigned most_at_once(const proto::Protocol& protocol, unsigned limit) {
  switch (protocol.entry) {
    case proto::TlsEntry::starttls:
      return std::min(limit, kAtOnceInPlainText);
    case proto::TlsEntry::packed:
      return std::min(limit, kAtOnceInPackets);
    default:
      return limit;
  }
}

}  // namespace

/// Given back at the end, unless a connection has taken it over.
struct Dialer::Place {
  Dialer* dialer;
  ~Place() {
    if (dialer) dialer->leave();
  }
};

void HangUp::operator()(Stream* stream) const {
  delete stream;
  dialer->leave();
}

Dialer::Dialer(Loop& loop, const SocketAddress& address, const DialLimits& limits,
               const proto::Protocol& protocol, proto::DialogueNames names, std::uint16_t port, Way way)
    : loop_(loop),
      address_(address),
      limits_(limits),
      protocol_(protocol),
      names_(std::move(names)),
      port_(port),
      way_(std::move(way)),
      places_(loop, most_at_once(protocol, limits.at_once)) {}

void Dialer::leave() {
  if (way_.gate) way_.gate->places.leave();
  places_.leave();
}

void Dialer::be_gentle(std::string why) {
  throttled_ = std::move(why);
  places_.limit(1);
}

Task<Result<Line>> Dialer::connect(std::uint16_t port) {
  std::chrono::milliseconds pause = kBusyPause;
  for (unsigned tries = 1;; ++tries) {
    auto line = co_await connect_once(port);
    if (line || port != port_ || stood_ == 0 || tries == kBusyTries) co_return line;
    // It answered before: now somebody on the way counts connections.
    if (!line.error().is(kConnectRefused) && !line.error().is(kConnectTimeout)) co_return line;
    be_gentle(fmt::format("after {} connections it takes no more for a while", stood_));
    co_await Sleep(loop_, std::min(loop_.now() + pause, limits_.end));
    pause *= 2;
  }
}

Task<Result<Line>> Dialer::connect_once(std::uint16_t port) {
  co_await places_.turn();
  if (way_.gate) co_await way_.gate->places.turn();
  Place place{this};
  if (used_ >= limits_.connections)
    co_return fail(kOutOfConnections, "limit " + std::to_string(limits_.connections));
  if (way_.gate) co_await Sleep(loop_, way_.gate->take_slot(loop_.now()));
  if (loop_.now() >= limits_.end) co_return fail(kOutOfTime);
  ++used_;
  const SocketAddress to =
      way_.proxy ? address_ : SocketAddress::numeric(address_.host(), port).value_or(address_);
  if (protocol_.by_udp) {
    if (way_.proxy) co_return fail(kProxyRefused, "a proxy carries no datagrams");
    CO_TRY(auto datagrams, connect_by_udp(loop_, to));
    place.dialer = nullptr;
    Line line(datagrams.release(), HangUp{this});
    CO_TRY_VOID(line->start());
    co_return line;
  }
  auto fd = co_await Connect(loop_, to, std::min(loop_.now() + limits_.connect, limits_.end));
  if (!fd && way_.proxy)
    co_return fail(kProxyUnreachable, fmt::format("{}: {}", way_.proxy->text(), fd.error().text()));
  if (!fd) co_return fail(fd.error().kind(), std::string(fd.error().detail()));
  place.dialer = nullptr;
  Line line(new Stream(loop_, *std::move(fd)), HangUp{this});
  CO_TRY_VOID(line->start());
  if (way_.proxy) CO_TRY_VOID(co_await open_tunnel(*line, port));
  if (port == port_) ++stood_;
  co_return line;
}

Task<Result<Unit>> Dialer::open_tunnel(Stream& stream, std::uint16_t port) {
  const Deadline by = std::min(loop_.now() + limits_.connect + limits_.answer, limits_.end);
  ProxyOpening opening(*way_.proxy, way_.far_host, port);
  CO_TRY_VOID(co_await send_all(stream, opening.begin(), by));
  Buffer in(kMostPlainBytes);
  for (;;) {
    // One by one: what follows the proxy's words is the target's, and stays in the socket.
    CO_TRY(const auto room, in.prepare(1));
    CO_TRY(const auto got, stream.read_now(room.first(1)));
    if (!got) {
      if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0)
        co_return fail(kProxyRefused, "it does not answer in time");
      continue;
    }
    if (*got == 0) co_return fail(kProxyRefused, "it closed the connection");
    in.commit(1);
    CO_TRY(auto step, opening.step(in));
    if (!step.send.empty()) CO_TRY_VOID(co_await send_all(stream, std::move(step.send), by));
    if (step.open) co_return Unit{};
  }
}

Task<Result<bool>> Dialer::play(Stream& stream, proto::Dialogue& client, std::string early, PlainTalk& talk) {
  using Next = proto::DialogueStep::Next;
  const Deadline by = std::min(loop_.now() + 2 * limits_.answer, limits_.end);
  Buffer in(kMostPlainBytes);
  for (unsigned steps = 0; steps < kMostSteps; ++steps) {
    CO_TRY(proto::DialogueStep step, client.step(in));
    talk.asked_for_tls |= step.asks_for_tls;
    if (step.asks_for_tls) step.send += early;
    const bool spoke = !step.send.empty();
    if (spoke) CO_TRY_VOID(co_await send_all(stream, std::move(step.send), by));
    if (step.next == Next::tls) {
      talk.left = as_text(in.readable());
      co_return true;
    }
    talk.why = step.why;
    if (step.next == Next::busy) {
      be_gentle(step.why);
      co_return fail(kThrottled, throttled_);
    }
    if (step.next == Next::done) co_return false;
    if (spoke) continue;
    CO_TRY(const auto room, in.prepare(2048));
    CO_TRY(const auto got, stream.read_now(room));
    if (!got) {
      if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0)
        co_return fail(kOutOfTime, "the server is silent before TLS");
      continue;
    }
    if (*got == 0) co_return fail(kNoStartTls, "the server closed the connection before TLS");
    in.commit(*got);
  }
  co_return fail(proto::kTalksTooMuch, "the dialogue does not end");
}

Task<Result<Line>> Dialer::open_packed() {
  CO_TRY(Line outer, co_await connect());
  if (!envelopes_) envelopes_ = std::make_shared<Envelopes>();
  // The place among the connections goes over to the other end.
  std::unique_ptr<Stream> wire(outer.release());
  Place place{this};
  Envelope& envelope = envelopes_->add(std::make_unique<Envelope>(loop_, std::move(wire), protocol_.by_udp));
  CO_TRY(Fd end, co_await envelope.open(answer_by()));
  place.dialer = nullptr;
  Line line(new Stream(loop_, std::move(end)), HangUp{this});
  CO_TRY_VOID(line->start());
  co_return line;
}

Task<Result<Line>> Dialer::open_once() {
  if (protocol_.entry == proto::TlsEntry::packed) co_return co_await open_packed();
  CO_TRY(Line line, co_await connect());
  if (protocol_.starttls) {
    PlainTalk talk;
    const auto client = protocol_.starttls(names_);
    CO_TRY(const bool tls, co_await play(*line, *client, {}, talk));
    if (!tls) co_return fail(kNoStartTls, talk.why);
  }
  co_return line;
}

Task<Result<Line>> Dialer::open() {
  std::chrono::milliseconds pause = kBusyPause;
  for (unsigned tries = 1;; ++tries) {
    auto line = co_await open_once();
    if (line || !line.error().is(kThrottled) || tries == kBusyTries) co_return line;
    co_await Sleep(loop_, std::min(loop_.now() + pause, limits_.end));
    pause *= 2;
  }
}

void Dialer::count(const Answer& answer) {
  using End = Answer::End;
  unanswered_ += answer.end == End::closed || answer.end == End::reset || answer.end == End::silent;
}

Answer Dialer::refused(const Error& why) {
  Answer out = not_open(why);
  count(out);
  return out;
}

Task<Answer> Dialer::hear_flight(Stream& stream, tls::FlightReader::Until until) {
  Answer out = co_await read_flight(stream, until, answer_by());
  count(out);
  co_return out;
}

Task<Answer> Dialer::ask(std::string hello, tls::FlightReader::Until until) {
  std::vector<std::string> pieces;
  pieces.push_back(std::move(hello));
  co_return co_await ask(std::move(pieces), until);
}

Task<Answer> Dialer::ask(std::vector<std::string> pieces, tls::FlightReader::Until until) {
  auto stream = co_await open();
  if (!stream) co_return refused(stream.error());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) co_await Sleep(loop_, loop_.now() + kPieceGap);
    const auto sent = co_await send_all(**stream, std::move(pieces[i]), answer_by());
    // A server that refused in a hurry may have left its reason behind.
    if (!sent) break;
  }
  co_return co_await hear_flight(**stream, until);
}

Task<Answer> Dialer::ask(std::string hello, tls::FlightReader::Until until, Line& line) {
  auto stream = co_await open();
  if (!stream) co_return refused(stream.error());
  line = *std::move(stream);
  // A server that refused in a hurry may have left its reason behind.
  (void)co_await send_all(*line, std::move(hello), answer_by());
  co_return co_await hear_flight(*line, until);
}

Task<Result<Unit>> send_all(Stream& stream, std::string bytes, Deadline by) {
  Bytes left = as_bytes(std::string_view(bytes));
  while (!left.empty()) {
    CO_TRY(const std::size_t n, stream.write_now(left));
    left = left.subspan(n);
    if (left.empty()) break;
    if (n == 0 && (co_await stream.until(Stream::kWritable, by) & Stream::kTimedOut) != 0)
      co_return fail(kOutOfTime, "while sending");
  }
  co_return Unit{};
}

}  // namespace sally::check
