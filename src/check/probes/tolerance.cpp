#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"

namespace sally::check {
namespace {

/// What a change makes of a hello that was answered. A failure counts only if a plain hello right after it is
/// answered: else the server, or something before it, has begun to keep us out.
Task<Unit> ask(Examination& x, const char* id, std::vector<std::string> pieces, std::optional<bool>& out) {
  const Answer answer = co_await x.dialer.ask(std::move(pieces), tls::FlightReader::Until::hello);
  if (answer.has_hello()) {
    out = true;
    co_return Unit{};
  }
  const Answer control = co_await x.dialer.ask(build_hello(browser_hello(x.target.server_name())));
  if (control.has_hello())
    out = false;
  else
    x.not_tested(id, "the server " + control.text() + ", also without the change");
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
  // A post-quantum key share makes a hello of about this size: two packets.
  tls::HelloOffer large = browser_hello(name);
  large.pad_to = 1900;
  co_await ask(x, "proto.long_clienthello", one(build_hello(large)), x.seen.large_hello);

  const std::string whole = build_hello(browser_hello(name));
  std::vector<std::string> halves;
  halves.push_back(whole.substr(0, whole.size() / 2));
  halves.push_back(whole.substr(whole.size() / 2));
  co_await ask(x, "proto.long_clienthello", std::move(halves), x.seen.split_hello);

  // RFC 8701: values that are reserved to be ignored.
  tls::HelloOffer odd = browser_hello(name);
  odd.versions.insert(odd.versions.begin(), 0x3a3a);
  odd.suites.insert(odd.suites.begin(), 0x1a1a);
  odd.groups.insert(odd.groups.begin(), 0x2a2a);
  odd.signature_algorithms.push_back(0x0a0a);
  odd.alpn.insert(odd.alpn.begin(), "\x0a\x0a");
  co_await ask(x, "proto.version_intolerance", one(build_hello(odd)), x.seen.unknown_values);
  co_return Unit{};
}

}  // namespace sally::check
