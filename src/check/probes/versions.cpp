#include <algorithm>

#include "check/gather.h"
#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

constexpr std::size_t kBlock = 100, kSmallBlock = 30;  // some servers fail at 128 suites
constexpr std::uint8_t kProtocolVersion = 70;
enum Extension : std::uint16_t {
  kHeartbeat = 15,
  kSessionTicket = 35,
  kEncryptThenMac = 22,
  kExtendedMasterSecret = 23,
  kRenegotiationInfo = 0xff01
};

template <typename T>
bool note_once(std::vector<T>& list, const T& value) {
  if (std::ranges::find(list, value) != list.end()) return false;
  list.push_back(value);
  return true;
}

/// `keys`: the public halves that were seen before.
void note_key_exchange(const tls::ServerKeyExchange& kx, VersionSeen& out, std::vector<std::string>& keys) {
  if (kx.dh_bits != 0 && (out.weakest_dh_bits == 0 || kx.dh_bits < out.weakest_dh_bits))
    out.weakest_dh_bits = kx.dh_bits;
  if (kx.group != 0) note_once(out.groups_used, kx.group);
  if (kx.signature_algorithm != 0) note_once(out.signatures, kx.signature_algorithm);
  if (!kx.dh_prime.empty()) note_once(out.dh_primes, kx.dh_prime);
  if (!kx.public_value.empty() && !note_once(keys, kx.public_value)) out.key_repeated = true;
}

void note_flight(const tls::ServerFlight& f, VersionSeen& out, std::vector<std::string>& keys) {
  const tls::ServerHello& hello = *f.hello;
  if (!out.offered) {
    out.renegotiation_info = hello.extension(kRenegotiationInfo) != nullptr;
    out.downgrade_mark = hello.downgrade_mark();
  }
  out.offered = out.known = true;
  out.suites.push_back(hello.suite);
  out.compression |= hello.compression != 0;
  out.extended_master_secret |= hello.extension(kExtendedMasterSecret) != nullptr;
  out.encrypt_then_mac |= hello.extension(kEncryptThenMac) != nullptr;
  out.heartbeat |= hello.extension(kHeartbeat) != nullptr;
  out.session_ticket |= hello.extension(kSessionTicket) != nullptr;
  if (f.key_exchange) note_key_exchange(*f.key_exchange, out, keys);
  if (!f.certificates.empty() && std::ranges::find(out.leaves, f.certificates.front()) == out.leaves.end() &&
      out.leaves.size() < 8)
    out.leaves.push_back(f.certificates.front());
}

Task<Answer> ask_version(Examination& x, const VersionSeen& so_far, std::vector<std::uint16_t> suites) {
  const auto until =
      so_far.version == tls::kTls13 ? tls::FlightReader::Until::hello : tls::FlightReader::Until::hello_done;
  tls::HelloOffer offer = version_hello(so_far.version, std::move(suites), x.target.server_name());
  // Those that were picked go last, so that most walks find out the other signatures on their way.
  std::ranges::stable_partition(offer.signature_algorithms, [&](std::uint16_t s) {
    return std::ranges::find(so_far.signatures, s) == so_far.signatures.end();
  });
  co_return co_await x.dialer.ask(build_hello(offer), until);
}

enum class Verdict { picked, refused, wrong_version, unclear };

Verdict judge(const Answer& answer, std::uint16_t version, const std::vector<std::uint16_t>& offered) {
  if (answer.has_hello()) {
    if (answer.flight.hello->version != version) return Verdict::wrong_version;
    // A pick that was not offered would never end the walk.
    return std::ranges::find(offered, answer.flight.hello->suite) != offered.end() ? Verdict::picked
                                                                                   : Verdict::unclear;
  }
  return answer.is_refusal() ? Verdict::refused : Verdict::unclear;
}

/// Offers a block until nothing is picked any more. False: the server's answers end the walk.
Task<bool> walk_block(Examination& x, VersionSeen& out, std::vector<std::string>& keys,
                      std::vector<std::uint16_t> block, bool retry_smaller) {
  while (!block.empty()) {
    const Answer answer = co_await ask_version(x, out, block);
    const Verdict verdict = judge(answer, out.version, block);
    if (verdict == Verdict::picked) {
      note_flight(answer.flight, out, keys);
      std::erase(block, answer.flight.hello->suite);
      continue;
    }
    if (verdict == Verdict::refused) {
      out.known = true;
      // RFC 8446 6.2: protocol_version says that no suite would help.
      co_return !(answer.has_alert(kProtocolVersion) && !out.offered);
    }
    if (verdict == Verdict::wrong_version) {
      out.known = true;
      co_return false;
    }
    if (retry_smaller && block.size() > kSmallBlock) {
      for (std::size_t at = 0; at < block.size(); at += kSmallBlock) {
        const auto first = block.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t size = std::min(kSmallBlock, block.size() - at);
        const bool go_on =
            co_await walk_block(x, out, keys, {first, first + static_cast<std::ptrdiff_t>(size)}, false);
        if (!go_on) co_return false;
      }
      co_return true;
    }
    out.complete = false;
    out.why = "the server " + answer.text();
    co_return false;
  }
  co_return true;
}

Task<Unit> ask_ssl2(Examination& x, VersionSeen& out) {
  const Answer answer = co_await x.dialer.ask(tls::build_ssl2_hello());
  out.known = out.complete = true;
  if (answer.has_hello() && answer.flight.hello->version == out.version) {
    out.offered = true;
    out.ssl2_kinds = answer.flight.hello->ssl2_kinds;
  } else if (answer.end == Answer::End::not_connected || answer.end == Answer::End::dropped ||
             answer.end == Answer::End::refused) {
    out.known = out.complete = false;
    out.why = "the server " + answer.text();
  }
  // Silence is what a server does that waits for the rest of a TLS record: it knows no SSL 2.0.
  co_return Unit{};
}

}  // namespace

Task<Unit> walk_suites(Examination& x, std::uint16_t version, VersionSeen& out) {
  out.version = version;
  if (version < tls::kSsl3) {
    co_await ask_ssl2(x, out);
    co_return Unit{};
  }
  out.complete = true;
  const std::vector<std::uint16_t> all = suites_of(version);
  std::vector<std::string> keys;
  for (std::size_t at = 0; at < all.size(); at += kBlock) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t size = std::min(kBlock, all.size() - at);
    const bool go_on =
        co_await walk_block(x, out, keys, {first, first + static_cast<std::ptrdiff_t>(size)}, true);
    if (!go_on) break;
  }
  co_return Unit{};
}

Task<Unit> probe_versions(Examination& x) {
  constexpr std::uint16_t kVersions[] = {0x0002,      tls::kSsl3,  tls::kTls10,
                                         tls::kTls11, tls::kTls12, tls::kTls13};
  x.seen.versions.resize(std::size(kVersions));
  Gather walks(x.loop);
  for (std::size_t i = 0; i < std::size(kVersions); ++i)
    walks.start(walk_suites(x, kVersions[i], x.seen.versions[i]));
  co_await walks.all();
  for (const VersionSeen& v : x.seen.versions)
    if (!v.known || !v.complete) x.not_tested("proto.versions", tls::version_name(v.version) + ": " + v.why);
  co_return Unit{};
}

}  // namespace sally::check
