#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"

namespace sally::check {
namespace {

/// `lost`, unless null: the failure was silence. What a change makes of a hello that was answered. A failure
/// counts only if a plain hello right after it is answered: else the server, or something before it, has
/// begun to keep us out.
Task<Unit> ask(Examination& x, const char* id, std::vector<std::string> pieces, std::optional<bool>& out,
               bool* lost = nullptr) {
  const Answer answer = co_await x.dialer.ask(std::move(pieces), tls::FlightReader::Until::hello);
  if (answer.has_hello()) {
    out = true;
    co_return Unit{};
  }
  const Answer control =
      co_await x.dialer.ask(build_hello(browser_hello(x.target.server_name(), x.target.is_http)));
  if (control.has_hello()) {
    out = false;
    if (lost) *lost = answer.end == Answer::End::silent;
  } else {
    x.not_tested(id, "the server " + control.text() + ", also without the change");
  }
  co_return Unit{};
}

std::vector<std::string> one(std::string hello) {
  std::vector<std::string> out;
  out.push_back(std::move(hello));
  return out;
}

}  // namespace

Task<Unit> probe_tolerance(Examination& x) {
  const std::string name = x.target.server_name();
  if (!x.seen.large_hello) {
    tls::HelloOffer large = browser_hello(name, x.target.is_http);
    large.pad_to = kLargeHello;
    co_await ask(x, "proto.long_clienthello", one(build_hello(large)), x.seen.large_hello,
                 &x.seen.large_hello_lost);
  }
  if (!x.seen.split_hello)
    co_await ask(x, "proto.long_clienthello",
                 in_two_pieces(build_hello(browser_hello(name, x.target.is_http))), x.seen.split_hello);
  if (!x.seen.unknown_values) {
    tls::HelloOffer odd = browser_hello(name, x.target.is_http);
    add_unknown_values(odd);
    co_await ask(x, "proto.version_intolerance", one(build_hello(odd)), x.seen.unknown_values);
  }
  co_return Unit{};
}

}  // namespace sally::check
