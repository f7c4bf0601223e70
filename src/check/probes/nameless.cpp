#include "check/probes/all.h"
#include "check/talk.h"
#include "tls/hello_builder.h"

namespace sally::check {

Task<Unit> probe_nameless(Examination& x) {
  auto session = tls::ClientSession::make({.lowest = tls::kTls10, .highest = tls::kTls13});
  if (!session) co_return Unit{};
  Talk talk(x.dialer, *std::move(session));
  const auto done = co_await talk.start();
  const std::vector<std::string> sent = talk.session().certificates();
  if (!sent.empty()) {
    x.seen.nameless = NamelessSeen{.leaf = sent.front(), .why = {}};
  } else if (!done && done.error().is(tls::kClientHandshakeFailed)) {
    x.seen.nameless = NamelessSeen{.leaf = {}, .why = std::string(done.error().detail())};
  } else if (!done) {
    x.not_tested("cert.without_sni", done.error().text());
  }
  co_return Unit{};
}

}  // namespace sally::check
