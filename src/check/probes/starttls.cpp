#include "check/probes/all.h"
#include "check/talk.h"
#include "proto/reply_reader.h"

namespace sally::check {
namespace {

/// A sound server is silent for so long, so this is the time of the whole probe.
constexpr std::chrono::milliseconds kEarPatience{900};

Task<Result<Unit>> ask_for_tls(Examination& x, StartTlsSeen& out) {
  CO_TRY(Line line, co_await x.dialer.connect());
  PlainTalk talk;
  const auto client = x.target.protocol->starttls(x.dialer.names());
  CO_TRY(out.offered, co_await x.dialer.play(*line, *client, {}, talk));
  out.why = talk.why;
  out.left = talk.left;
  out.plain_login = client->plain_login();
  out.login_evidence = client->login_evidence();
  co_return Unit{};
}

Task<Result<Unit>> ask_for_login(Examination& x, StartTlsSeen& out) {
  CO_TRY(Line line, co_await x.dialer.connect());
  PlainTalk talk;
  const auto client = x.target.protocol->plain_login(x.dialer.names());
  CO_TRY_VOID(co_await x.dialer.play(*line, *client, {}, talk));
  out.plain_login = client->plain_login();
  out.login_evidence = client->login_evidence();
  co_return Unit{};
}

/// True: TLS was reached, and `out` says what was heard in it.
Task<Result<bool>> listen_inside(Examination& x, StartTlsSeen& out) {
  CO_TRY(auto session, tls::ClientSession::make({.server_name = x.target.server_name()}));
  CO_TRY(Line line, co_await x.dialer.connect());
  PlainTalk plain;
  const auto client = x.target.protocol->starttls(x.dialer.names());
  const std::string early = x.target.protocol->early_command(x.dialer.names());
  CO_TRY(const bool tls, co_await x.dialer.play(*line, *client, early, plain));
  if (!tls) co_return false;
  Talk talk(x.dialer, std::move(session));
  CO_TRY_VOID(co_await talk.start_on(std::move(line)));
  CO_TRY(const std::string heard, co_await talk.hear(kEarPatience));
  const std::string_view refusal = x.target.protocol->early_refusal;
  out.injectable = !heard.empty() && (refusal.empty() || !heard.contains(refusal));
  out.injected_answer = proto::shown(heard.substr(0, heard.find_last_not_of("\r\n") + 1));
  co_return true;
}

}  // namespace

Task<Unit> probe_starttls(Examination& x) {
  StartTlsSeen out;
  const auto asked = co_await ask_for_tls(x, out);
  if (!asked) out.why = asked.error().text();
  if (out.offered && x.target.protocol->plain_login) {
    const auto login = co_await ask_for_login(x, out);
    if (!login) x.not_tested("starttls.enforced", login.error().text());
  }
  x.seen.starttls = std::move(out);
  co_return Unit{};
}

Task<Unit> probe_starttls_injection(Examination& x) {
  if (!x.seen.starttls || !x.seen.starttls->offered) co_return Unit{};
  const auto done = co_await listen_inside(x, *x.seen.starttls);
  // A server that ends the connection, or refuses, for what stands behind the request has not run it; nor has
  // one that takes it for TLS and answers with an alert.
  if (!done && (done.error().is(tls::kClientHandshakeFailed) || done.error().is(kNoStartTls) ||
                done.error().is(kSocket) || done.error().is(proto::kOtherSpeech)))
    x.seen.starttls->injectable = false;
  else if (!done)
    x.not_tested("starttls.injection", done.error().text());
  else if (!*done)
    x.seen.starttls->injectable = false;
  co_return Unit{};
}

}  // namespace sally::check
