#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "check/talk.h"

namespace sally::check {
namespace {

constexpr const char* kNoSuchName = "sallyport-check.invalid";  ///< RFC 2606: never anybody's
constexpr const char* kNoSuchProtocol = "sallyport-check";

constexpr std::uint8_t kUnrecognizedName = 112;

Task<Unit> ask_unknown_name(Examination& x) {
  // In two pieces: whoever answers it, or complains of the name, has read both.
  Answer answer =
      co_await x.dialer.ask(in_two_pieces(build_hello(browser_hello(kNoSuchName, x.target.is_http))),
                            tls::FlightReader::Until::hello);
  if (answer.has_hello() || answer.has_alert(kUnrecognizedName))
    x.seen.split_hello = true;
  else
    answer = co_await x.dialer.ask(build_hello(browser_hello(kNoSuchName, x.target.is_http)));
  if (answer.has_hello() || answer.is_refusal())
    x.seen.strict_sni = !answer.has_hello();
  else
    x.not_tested("proto.strict_sni", "the server " + answer.text());
  co_return Unit{};
}

Task<Unit> ask_unknown_protocol(Examination& x) {
  auto session = tls::ClientSession::make({.server_name = x.target.server_name(), .alpn = {kNoSuchProtocol}});
  if (!session) co_return Unit{};
  Talk talk(x.dialer, *std::move(session));
  const auto done = co_await talk.start();
  if (done || done.error().is(tls::kClientHandshakeFailed))
    x.seen.strict_alpn = !done.has_value();
  else
    x.not_tested("proto.strict_alpn", done.error().text());
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_strictness(Examination& x) {
  if (!x.target.is_literal) co_await ask_unknown_name(x);
  // A server that speaks no ALPN at all answers everybody, and says so in the handshake.
  if (x.target.is_http) co_await ask_unknown_protocol(x);
  co_return Unit{};
}

}  // namespace sally::check
