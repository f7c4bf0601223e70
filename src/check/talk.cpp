#include "check/talk.h"

#include <fmt/format.h>

#include <array>

#include "check/http_answer.h"

namespace sally::check {
namespace {

constexpr std::size_t kMostBeforeFinished = 512 * 1024;  ///< bytes of a handshake

}  // namespace

Task<Result<Unit>> Talk::flush() {
  std::string out = session_.take_output();
  if (!out.empty()) CO_TRY_VOID(co_await send_all(*stream_, std::move(out), dialer_.answer_by()));
  co_return Unit{};
}

/// True: bytes came. False: the end of the stream.
Task<Result<bool>> Talk::receive(Deadline by) {
  std::array<std::byte, 16384> room;
  for (;;) {
    CO_TRY(const auto got, stream_->read_now(room));
    if (got) {
      session_.feed(Bytes(room).first(*got));
      co_return *got != 0;
    }
    if ((co_await stream_->until(Stream::kReadable, by) & Stream::kTimedOut) != 0)
      co_return fail(kOutOfTime, "the server is silent");
  }
}

Task<Result<Unit>> Talk::start() {
  CO_TRY(Line line, co_await dialer_.open());
  co_return co_await start_on(std::move(line));
}

Task<Result<Unit>> Talk::start_on(Line line) {
  stream_ = std::move(line);
  const Deadline by = std::min(dialer_.loop().now() + 2 * dialer_.limits().answer, dialer_.limits().end);
  for (std::size_t rounds = 0; rounds < kMostBeforeFinished / 64; ++rounds) {
    const auto done = session_.handshake();
    // An alert of ours may have to leave, whatever it is.
    const auto sent = co_await flush();
    if (!done) co_return fail(done.error().kind(), std::string(done.error().detail()));
    if (!sent) co_return fail(sent.error().kind(), std::string(sent.error().detail()));
    if (*done) co_return Unit{};
    CO_TRY(const bool more, co_await receive(by));
    if (!more) co_return fail(tls::kClientHandshakeFailed, "the server closed the connection");
  }
  co_return fail(tls::kClientHandshakeFailed, "the handshake does not end");
}

Task<Result<HttpAnswer>> Talk::get(std::string request) {
  CO_TRY_VOID(session_.write(as_bytes(std::string_view(request))));
  CO_TRY_VOID(co_await flush());
  const Deadline by = std::min(dialer_.loop().now() + 2 * dialer_.limits().answer, dialer_.limits().end);
  std::string text;
  std::array<std::byte, 16384> room;
  for (;;) {
    CO_TRY(const auto got, session_.read(room));
    text += as_text(Bytes(room).first(got.size));
    CO_TRY(auto answer, read_http_head(text));
    if (answer) co_return *std::move(answer);
    if (got.size > 0) continue;
    if (got.end) co_return fail(kNotHttp, "the server closed the connection before it answered");
    CO_TRY(const bool more, co_await receive(by));
    if (!more) co_return fail(kNotHttp, "the server closed the connection before it answered");
  }
}

Task<Result<Unit>> Talk::fetch(std::string request, AnswerReader& reader) {
  CO_TRY_VOID(session_.write(as_bytes(std::string_view(request))));
  CO_TRY_VOID(co_await flush());
  const Deadline by = std::min(dialer_.loop().now() + 2 * dialer_.limits().answer, dialer_.limits().end);
  std::array<std::byte, 16384> room;
  for (;;) {
    CO_TRY(const auto got, session_.read(room));
    if (got.size > 0) {
      CO_TRY(const bool done, reader.feed(Bytes(room).first(got.size)));
      if (done) co_return Unit{};
      // A server that never stops must not keep the loop to itself, nor pass the limit of time.
      if (dialer_.loop().now() >= by) break;
      continue;
    }
    if (got.end) co_return reader.end();
    const auto more = co_await receive(by);
    if (!more && reader.has_answer()) break;
    if (!more) co_return fail(more.error().kind(), std::string(more.error().detail()));
    if (!*more) co_return reader.end();
  }
  if (!reader.has_answer()) co_return fail(kOutOfTime, "the head of the answer does not end");
  co_return Unit{};
}

Task<Result<std::string>> Talk::hear(std::chrono::milliseconds patience) {
  const Deadline by = std::min(dialer_.loop().now() + patience, dialer_.limits().end);
  std::array<std::byte, 4096> room;
  for (;;) {
    CO_TRY(const auto got, session_.read(room));
    if (got.size > 0) co_return std::string(as_text(Bytes(room).first(got.size)));
    if (got.end) co_return std::string();
    const auto more = co_await receive(by);
    if (!more && more.error().is(kOutOfTime)) co_return std::string();
    if (!more) co_return fail(more.error().kind(), std::string(more.error().detail()));
    if (!*more) co_return std::string();
  }
}

Task<Result<Unit>> Talk::say(std::string text) {
  CO_TRY_VOID(session_.write(as_bytes(std::string_view(text))));
  co_return co_await flush();
}

Task<Unit> Talk::say_goodbye() {
  session_.shut_down();
  (void)co_await flush();
  co_return Unit{};
}

std::string Talk::alert_in(std::string_view body) {
  std::string record("\x15\3\3", 3);
  record += static_cast<char>(body.size() >> 8 & 0xff);
  record += static_cast<char>(body.size() & 0xff);
  record += body;
  session_.feed(as_bytes(std::string_view(record)));
  std::array<std::byte, 64> room;
  const auto got = session_.read(room);
  if (got) return got->end ? "sent the alert close_notify" : "sent an encrypted alert";
  return fmt::format("sent an alert ({})", got.error().detail());
}

Task<Unit> Talk::listen(std::chrono::milliseconds patience) {
  const Deadline by = std::min(dialer_.loop().now() + patience, dialer_.limits().end);
  std::array<std::byte, 4096> room;
  for (std::size_t total = 0; total < 65536 && !session_.session();) {
    const auto more = co_await receive(by);
    if (!more || !*more) break;
    const auto got = session_.read(room);
    if (!got || got->end) break;
    total += got->size + 1;
  }
  co_return Unit{};
}

}  // namespace sally::check
