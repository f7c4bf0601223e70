#include "check/dialer.h"

#include <array>

#include "loop/sleep.h"
#include "net/connect.h"

namespace sally::check {
namespace {

constexpr std::chrono::milliseconds kPieceGap{30};  ///< so that the pieces travel and are read apart

Answer not_open(const Error& error) {
  Answer out;
  out.why = error.text();
  if (error.is(kConnectRefused)) out.end = Answer::End::refused;
  if (error.is(kUnreachable)) out.end = Answer::End::unreachable;
  if (error.is(kConnectTimeout)) out.end = Answer::End::dropped;
  return out;
}

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

}  // namespace

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
    case End::not_connected:
      break;
  }
  return why;
}

Deadline Dialer::answer_by() const { return std::min(loop_.now() + limits_.answer, limits_.end); }

Task<Result<std::unique_ptr<Stream>>> Dialer::open() {
  if (used_ >= limits_.connections)
    co_return fail(kOutOfConnections, "limit " + std::to_string(limits_.connections));
  if (loop_.now() >= limits_.end) co_return fail(kOutOfTime);
  ++used_;
  CO_TRY(Fd fd, co_await Connect(loop_, address_, std::min(loop_.now() + limits_.connect, limits_.end)));
  auto stream = std::make_unique<Stream>(loop_, std::move(fd));
  CO_TRY_VOID(stream->start());
  co_return stream;
}

Task<Answer> Dialer::ask(std::string hello, tls::FlightReader::Until until) {
  std::vector<std::string> pieces;
  pieces.push_back(std::move(hello));
  co_return co_await ask(std::move(pieces), until);
}

Task<Answer> Dialer::ask(std::vector<std::string> pieces, tls::FlightReader::Until until) {
  auto stream = co_await open();
  if (!stream) co_return not_open(stream.error());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) co_await Sleep(loop_, loop_.now() + kPieceGap);
    const auto sent = co_await send_all(**stream, std::move(pieces[i]), answer_by());
    // A server that refused in a hurry may have left its reason behind.
    if (!sent) break;
  }
  co_return co_await read_flight(**stream, until, answer_by());
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
