#include <optional>

#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "check/reaction.h"
#include "check/talk.h"
#include "tls/odd_record.h"

namespace sally::check {
namespace {

constexpr std::uint8_t kHandshake = 22, kApplication = 23;
constexpr std::size_t kRecordHeader = 5, kLongerThanHelloRequest = 64;

Task<Result<Unit>> shake_hands(Examination& x, std::optional<Talk>& talk, const std::string& name) {
  CO_TRY(auto session, tls::ClientSession::make({.lowest = tls::kTls12,
                                                 .highest = tls::kTls12,
                                                 .server_name = name,
                                                 .suites = std::string(tls::kGcmSuites)}));
  talk.emplace(x.dialer, std::move(session));
  co_return co_await talk->start();
}

/// Nobody's name is needed for this question, so that the answer to a client without one is seen as well.
Task<Result<Unit>> shake_nameless(Examination& x, std::optional<Talk>& talk) {
  auto done = co_await shake_hands(x, talk, {});
  std::vector<std::string> sent;
  if (talk) sent = talk->session().certificates();
  const bool refused = !done && done.error().is(tls::kClientHandshakeFailed);
  if (!sent.empty())
    x.seen.nameless = NamelessSeen{.leaf = sent.front(), .why = {}};
  else if (refused)
    x.seen.nameless = NamelessSeen{.leaf = {}, .why = std::string(done.error().detail())};
  if (!refused) co_return std::move(done);
  co_return co_await shake_hands(x, talk, x.target.server_name());
}

Task<Result<Reaction>> begin_again(Examination& x) {
  std::optional<Talk> talk;
  if (x.target.server_name().empty()) {
    CO_TRY_VOID(co_await shake_hands(x, talk, {}));
  } else {
    CO_TRY_VOID(co_await shake_nameless(x, talk));
  }
  tls::HelloOffer offer = version_hello(tls::kTls12, {talk->session().suite()}, x.target.server_name());
  offer.compressions = {0};
  offer.heartbeat = false;
  offer.verify_data = talk->session().client_finished();  // RFC 5746 3.5
  const std::string hello = build_hello(offer).substr(kRecordHeader);
  CO_TRY(std::string record, tls::seal_gcm(talk->session(), kHandshake, hello));
  // A protocol whose server speaks first may do so still.
  co_return co_await react(talk->stream(), std::move(record), x.dialer.answer_by(), kApplication);
}

}  // namespace

Task<Unit> probe_renegotiation(Examination& x) {
  const auto reaction = co_await begin_again(x);
  if (!reaction) {
    x.not_tested("renego.client", reaction.error().text());
    co_return Unit{};
  }
  x.seen.attacks.renegotiation =
      reaction->content_type == kHandshake && reaction->body.size() > kLongerThanHelloRequest;
  x.seen.attacks.renegotiation_answer = reaction->text();
  co_return Unit{};
}

}  // namespace sally::check
