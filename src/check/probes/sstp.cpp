#include <fmt/format.h>

#include "check/probes/all.h"
#include "check/talk.h"
#include "crypto/entropy.h"
#include "proto/reply_reader.h"
#include "proto/sstp/call.h"

namespace sally::check {
namespace {

constexpr std::size_t kMostHead = std::size_t{64} * 1024;

/// More of what comes inside TLS; empty: nothing came in time.
Task<Result<Unit>> hear_more(Examination& x, Talk& talk, std::string& text) {
  CO_TRY(const std::string heard, co_await talk.hear(x.dialer.limits().answer));
  if (heard.empty()) co_return fail(kOutOfTime, "the server is silent inside TLS");
  text += heard;
  co_return Unit{};
}

Task<Result<Unit>> ask(Examination& x, SstpSeen& out) {
  CO_TRY(auto session, tls::ClientSession::make({.server_name = x.target.server_name()}));
  Talk talk(x.dialer, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  const auto id = crypto::random_bytes<16>();
  CO_TRY_VOID(co_await talk.say(sstp::duplex_post(x.target.host, as_text(id))));
  std::string text;
  while (!text.contains("\r\n\r\n") && text.size() < kMostHead)
    CO_TRY_VOID(co_await hear_more(x, talk, text));
  out.answer = proto::shown(text.substr(0, text.find_first_of("\r\n")));
  // MS-SSTP 3.2.5.1: any other status, and there is no SSTP here.
  out.agreed = text.starts_with("HTTP/1.1 200") || text.starts_with("HTTP/1.0 200");
  if (!out.agreed) co_return Unit{};
  text.erase(0, text.find("\r\n\r\n") + 4);
  CO_TRY_VOID(co_await talk.say(sstp::call_connect_request()));
  for (;;) {
    CO_TRY(out.call, sstp::read_call_answer(text));
    if (out.call) co_return Unit{};
    CO_TRY_VOID(co_await hear_more(x, talk, text));
  }
}

}  // namespace

Task<Unit> probe_sstp(Examination& x) {
  SstpSeen out;
  const auto done = co_await ask(x, out);
  if (!done) x.not_tested("sstp", done.error().text());
  if (done || out.agreed) x.seen.sstp = std::move(out);
  co_return Unit{};
}

}  // namespace sally::check
