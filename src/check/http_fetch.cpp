#include "check/http_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "check/answer_reader.h"
#include "check/talk.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

std::string request_text(const Url& url, const FetchRow& row) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sallyport-check\r\nAccept: text/html,*/*;q=0.8\r\n{}\r\n",
      row.method, url.path, url.authority(), row.fields);
}

Task<Result<Unit>> read_plain(Stream& stream, AnswerReader& reader, Deadline by) {
  std::array<std::byte, 16384> room;
  for (;;) {
    CO_TRY(const auto got, stream.read_now(room));
    if (!got) {
      if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) == 0) continue;
      if (reader.has_answer()) co_return Unit{};
      co_return fail(kOutOfTime, "the server is silent");
    }
    if (*got == 0) co_return reader.end();
    CO_TRY(const bool done, reader.feed(Bytes(room).first(*got)));
    if (done) co_return Unit{};
  }
}

Task<Result<Unit>> fetch_plain(Examination& x, const Url& url, std::string request, AnswerReader& reader) {
  CO_TRY(const Line line, co_await x.dialer.connect(url.port));
  CO_TRY_VOID(co_await send_all(*line, std::move(request), x.dialer.answer_by()));
  co_return co_await read_plain(*line, reader,
                                std::min(x.loop.now() + 2 * x.dialer.limits().answer, x.dialer.limits().end));
}

Task<Result<Unit>> fetch_tls(Examination& x, std::string request, AnswerReader& reader) {
  tls::ClientOffer offer{
      .lowest = tls::kTls10, .highest = tls::kTls13, .server_name = x.target.server_name()};
  offer.identity = x.identity;
  offer.alpn.emplace_back("http/1.1");
  CO_TRY(auto session, tls::ClientSession::make(offer));
  Talk talk(x.dialer, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  co_return co_await talk.fetch(std::move(request), reader);
}

/// What comes after this hop; nullopt: the chain ends here, and `out.end` says how.
std::optional<Url> next_of(const Examination& x, const Url& at, const HttpAnswer& answer, Chain& out) {
  out.end = Chain::End::answered;
  if (!is_redirect(answer)) return std::nullopt;
  const std::string* const location = answer.field("location");
  auto next = read_url(*location, &at);
  if (!next || !next->is_web()) {
    out.end = Chain::End::bad_address;
    out.next = *location;
    return std::nullopt;
  }
  out.next = next->text();
  const std::uint16_t port = next->scheme == "https" ? x.target.port : x.http_port;
  if (next->host != at.host || next->port != port)
    out.end = Chain::End::elsewhere;
  else if (next->scheme != at.scheme)
    out.end = next->scheme == "https" ? Chain::End::to_https : Chain::End::to_http;
  else if (std::ranges::find(out.hops, out.next, &Hop::url) != out.hops.end())
    out.end = Chain::End::circle;
  else if (out.hops.size() >= kMostHops)
    out.end = Chain::End::too_long;
  else
    return next;
  return std::nullopt;
}

}  // namespace

bool is_redirect(const HttpAnswer& answer) {
  constexpr std::array<unsigned, 5> kStatuses = {301, 302, 303, 307, 308};
  return std::ranges::find(kStatuses, answer.status) != kStatuses.end() && answer.field("location");
}

Url root_of(const Target& target, std::string_view scheme, std::uint16_t port) {
  std::string host = ascii_lower(target.is_literal ? target.host : target.server_name());
  return {std::string(scheme), std::move(host), port, "/"};
}

Task<Result<Fetched>> fetch(Examination& x, const Url& url, const FetchRow& row) {
  AnswerReader reader(row.content_limit);
  std::string request = request_text(url, row);
  // No conditional expression: GCC 12 destroys what is awaited in one twice.
  Result<Unit> done = Unit{};
  if (url.scheme == "https")
    done = co_await fetch_tls(x, std::move(request), reader);
  else
    done = co_await fetch_plain(x, url, std::move(request), reader);
  // What came before the connection broke counts.
  if (!done && !reader.has_answer()) co_return fail(done.error().kind(), std::string(done.error().detail()));
  co_return Fetched{std::move(reader.answer()), reader.content(), reader.whole()};
}

Task<Chain> follow(Examination& x, Url begin, FetchRow row, Fetched* last) {
  Chain out;
  for (Url at = std::move(begin);;) {
    auto got = co_await fetch(x, at, row);
    if (!got) {
      out.end = Chain::End::failed;
      out.next = at.text();
      out.why = got.error().text();
      out.why_id = got.error().kind().id;
      co_return out;
    }
    out.hops.push_back({at.text(), got->answer});
    auto next = next_of(x, at, got->answer, out);
    if (last) *last = *std::move(got);
    if (!next) co_return out;
    at = *std::move(next);
  }
}

}  // namespace sally::check
