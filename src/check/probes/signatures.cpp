#include "tls/signature_names.h"

#include <algorithm>
#include <array>

#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "check/talk.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

constexpr const char* kId = "kx.signature";
constexpr std::size_t kMostSealed = 256 * 1024;  ///< bytes of a sealed flight that are read

/// Suites whose handshake holds a signature.
std::vector<std::uint16_t> signed_suites(const VersionSeen& v) {
  std::vector<std::uint16_t> out;
  for (const std::uint16_t code : v.suites)
    if (const tls::SuiteFacts f = tls::suite_facts(code); f.forward_secret && !f.anonymous && !f.preshared)
      out.push_back(code);
  return out;
}

/// ServerKeyExchange tells what was picked; the walk over the suites has found most of it.
Task<Unit> walk_tls12(Examination& x, const VersionSeen& v) {
  SignaturesSeen out{.version = v.version, .algorithms = v.signatures, .weak = {}};
  tls::HelloOffer offer = version_hello(v.version, signed_suites(v), x.target.server_name());
  if (offer.suites.empty()) co_return Unit{};
  for (const std::uint16_t known : out.algorithms) std::erase(offer.signature_algorithms, known);
  if (!x.thorough)
    std::erase_if(offer.signature_algorithms, [](std::uint16_t s) { return !tls::is_weak_signature(s); });
  while (!offer.signature_algorithms.empty()) {
    const Answer answer = co_await x.dialer.ask(build_hello(offer), tls::FlightReader::Until::hello_done);
    if (!answer.has_hello()) {
      out.complete = answer.is_refusal() && x.thorough;
      if (!answer.is_refusal()) x.not_tested(kId, "TLS 1.2: the server " + answer.text());
      break;
    }
    const auto& kx = answer.flight.key_exchange;
    if (!kx || kx->signature_algorithm == 0) break;
    const bool was_offered = std::erase(offer.signature_algorithms, kx->signature_algorithm) != 0;
    if (std::ranges::find(out.algorithms, kx->signature_algorithm) == out.algorithms.end())
      out.algorithms.push_back(kx->signature_algorithm);
    if (!was_offered) break;  // RFC 5246 7.4.3 forbids it; it is written down, and would never end
  }
  out.weak = std::ranges::any_of(out.algorithms, tls::is_weak_signature);
  x.seen.signatures.push_back(std::move(out));
  co_return Unit{};
}

/// Some servers send their certificate before they find that they cannot sign, and then an alert that is
/// sealed too. Whoever goes on waits for the client; whoever gives up closes.
Task<bool> goes_on(Examination& x, Stream& stream) {
  constexpr std::chrono::milliseconds kPatience{1000};
  const Deadline by = std::min(x.loop.now() + kPatience, x.dialer.answer_by());
  std::array<std::byte, 4096> room;
  for (std::size_t read = 0; read < kMostSealed;) {
    const auto got = stream.read_now(room);
    if (!got || (*got && **got == 0)) co_return false;
    if (*got) {
      read += **got;
      continue;
    }
    if ((co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0) co_return true;
  }
  co_return true;
}

/// A client that offers only what TLS 1.3 forbids: is it refused (RFC 8446 4.2.3)?
Task<std::optional<bool>> weak_tls13(Examination& x, const VersionSeen& v) {
  tls::HelloOffer offer = version_hello(v.version, v.suites, x.target.server_name());
  offer.empty_key_share = false;
  offer.made_up_key_share = true;
  offer.groups = {0x001d, 0x0017};
  std::erase_if(offer.signature_algorithms, [](std::uint16_t s) { return !tls::is_weak_signature(s); });
  Line line;
  const Answer answer = co_await x.dialer.ask(build_hello(offer), tls::FlightReader::Until::sealed, line);
  // A request for another group says nothing about signatures yet.
  if (answer.has_hello() && !answer.flight.hello->retry_request) {
    if (answer.flight.sealed < tls::FlightReader::kSealedEnough) co_return false;
    co_return co_await goes_on(x, *line);
  }
  if (answer.is_refusal()) co_return false;
  co_return std::nullopt;
}

/// CertificateVerify is encrypted, so this takes whole handshakes.
Task<Unit> walk_tls13(Examination& x, SignaturesSeen& out) {
  std::vector<std::uint16_t> left = {0x0403, 0x0804, 0x0503, 0x0805, 0x0603, 0x0806, 0x0807};
  while (!left.empty()) {
    auto session = tls::ClientSession::make(
        {.lowest = tls::kTls13, .server_name = x.target.server_name(), .signature_algorithms = left});
    if (!session) break;
    Talk talk(x.dialer, *std::move(session));
    const auto done = co_await talk.start();
    if (!done) {
      out.complete = done.error().is(tls::kClientHandshakeFailed);
      if (!out.complete) x.not_tested(kId, "TLS 1.3: " + done.error().text());
      break;
    }
    const std::uint16_t picked = talk.session().signature_algorithm();
    if (std::erase(left, picked) == 0) break;
    out.algorithms.push_back(picked);
  }
  co_return Unit{};
}

Task<Unit> ask_tls13(Examination& x, const VersionSeen& v) {
  SignaturesSeen out{.version = v.version, .algorithms = {}, .weak = {}};
  if (x.thorough) co_await walk_tls13(x, out);
  out.weak = co_await weak_tls13(x, v);
  x.seen.signatures.push_back(std::move(out));
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_signatures(Examination& x) {
  if (x.seen.offers(tls::kTls12)) co_await walk_tls12(x, *x.seen.version(tls::kTls12));
  if (x.seen.offers(tls::kTls13)) co_await ask_tls13(x, *x.seen.version(tls::kTls13));
  co_return Unit{};
}

}  // namespace sally::check
