// Two messages that come too early in a handshake: ChangeCipherSpec and a heartbeat.
#include <algorithm>

#include "check/probes/all.h"
#include "check/probes/half_open.h"
#include "check/probes/hello_kinds.h"
#include "check/reaction.h"

namespace sally::check {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};
enum ContentType : std::uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHeartbeat = 24 };
enum AlertDescription : std::uint8_t { kBadRecordMac = 20, kDecryptionFailed = 21 };

/// The best version below TLS 1.3 that satisfies `which`.
template <typename Which>
const VersionSeen* best_old(const Observations& seen, Which which) {
  const VersionSeen* out = nullptr;
  for (const VersionSeen& v : seen.versions)
    if (v.offered && !v.suites.empty() && v.version <= tls::kTls12 && which(v)) out = &v;
  return out;
}

/// Opens a handshake and lets the server speak to the end of its flight.
Task<Result<Line>> half_way(Examination& x, const VersionSeen& v) {
  CO_TRY(Line line, co_await x.dialer.open());
  CO_TRY_VOID(co_await send_all(
      *line, build_hello(version_hello(v.version, v.suites, x.target.server_name())), x.dialer.answer_by()));
  const Answer answer =
      co_await read_flight(*line, tls::FlightReader::Until::hello_done, x.dialer.answer_by());
  if (!answer.flight.hello_done) co_return fail(tls::kBadFlight, "the server " + answer.text());
  co_return line;
}

std::string record(std::uint8_t content_type, std::uint16_t version, std::string_view body) {
  std::string out;
  for (const std::size_t n : {std::size_t{content_type}, std::size_t{version} >> 8,
                              std::size_t{version} & 0xff, body.size() >> 8, body.size() & 0xff})
    out += static_cast<char>(n);
  return out.append(body);
}

Deadline soon(const Examination& x) { return std::min(x.loop.now() + kPatience, x.dialer.answer_by()); }

}  // namespace

/// A sound server answers the first with an alert or hangs up. One that took it decrypts the second with keys
/// that it does not have, and says so.
Task<Unit> ask_early_ccs(Examination& x, Line line, std::uint16_t version) {
  const std::string change = record(kChangeCipherSpec, version, "\1");
  const Reaction first = co_await react(*line, change, soon(x));
  if (first.end != Reaction::End::silent) {
    x.seen.attacks.early_ccs = false;
    co_return Unit{};
  }
  const Reaction second = co_await react(*line, change, soon(x));
  x.seen.attacks.early_ccs = second.alert() == kBadRecordMac || second.alert() == kDecryptionFailed;
  co_return Unit{};
}

Task<Unit> probe_early_ccs(Examination& x) {
  const VersionSeen* const v = best_old(x.seen, [](const VersionSeen&) { return true; });
  if (!v) co_return Unit{};
  auto line = co_await half_way(x, *v);
  if (line)
    co_await ask_early_ccs(x, *std::move(line), v->version);
  else
    x.not_tested("ccs", line.error().text());
  co_return Unit{};
}

/// RFC 6520 4: a request whose length does not leave room for 16 bytes of padding is dropped silently. This
/// one has its payload and no padding: an answer would hold nothing but what was sent.
Task<Unit> probe_heartbeat(Examination& x) {
  const VersionSeen* const v = best_old(x.seen, [](const VersionSeen& one) { return one.heartbeat; });
  if (!v) co_return Unit{};
  auto line = co_await half_way(x, *v);
  if (!line) {
    x.not_tested("heartbleed", line.error().text());
    co_return Unit{};
  }
  const std::string request("\1\0\x08sallypor", 11);  // heartbeat_request, payload_length 8, payload
  const Reaction reaction = co_await react(**line, record(kHeartbeat, v->version, request), soon(x));
  x.seen.attacks.heartbeat_unchecked = reaction.content_type == kHeartbeat;
  co_return Unit{};
}

}  // namespace sally::check
