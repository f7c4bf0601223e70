#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "check/reaction.h"
#include "check/talk.h"
#include "tls/odd_record.h"

namespace sally::check {
namespace {

constexpr std::uint8_t kHandshake = 22, kApplication = 23;
constexpr std::size_t kRecordHeader = 5, kLongerThanHelloRequest = 64;

Task<Result<Reaction>> begin_again(Examination& x) {
  CO_TRY(auto session, tls::ClientSession::make({.lowest = tls::kTls12,
                                                 .highest = tls::kTls12,
                                                 .server_name = x.target.server_name(),
                                                 .suites = std::string(tls::kGcmSuites)}));
  Talk talk(x.dialer, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  tls::HelloOffer offer = version_hello(tls::kTls12, {talk.session().suite()}, x.target.server_name());
  offer.compressions = {0};
  offer.heartbeat = false;
  offer.verify_data = talk.session().client_finished();  // RFC 5746 3.5
  const std::string hello = build_hello(offer).substr(kRecordHeader);
  CO_TRY(std::string record, tls::seal_gcm(talk.session(), kHandshake, hello));
  // A protocol whose server speaks first may do so still.
  co_return co_await react(talk.stream(), std::move(record), x.dialer.answer_by(), kApplication);
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
