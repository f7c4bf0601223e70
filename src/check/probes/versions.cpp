#include <algorithm>

#include "check/gather.h"
#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"
#include "check/probes/suite_walk.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

constexpr std::size_t kBlock = 124, kSmallBlock = 30;  // some servers fail at 128 suites
constexpr std::uint8_t kProtocolVersion = 70;
enum Extension : std::uint16_t {
  kHeartbeat = 15,
  kSessionTicket = 35,
  kEncryptThenMac = 22,
  kExtendedMasterSecret = 23,
  kRenegotiationInfo = 0xff01
};

/// One version's walk.
struct Walk {
  Examination& x;
  VersionSeen& out;
  OtherHalf other_half{x};
  std::vector<std::string> keys{};  ///< the public halves that were seen
  std::vector<Pick> picks{};
};

template <typename T>
bool note_once(std::vector<T>& list, const T& value) {
  if (std::ranges::find(list, value) != list.end()) return false;
  list.push_back(value);
  return true;
}

void note_key_exchange(const tls::ServerKeyExchange& kx, Walk& w) {
  VersionSeen& out = w.out;
  if (kx.dh_bits != 0 && (out.weakest_dh_bits == 0 || kx.dh_bits < out.weakest_dh_bits))
    out.weakest_dh_bits = kx.dh_bits;
  if (kx.group != 0) note_once(out.groups_used, kx.group);
  if (kx.signature_algorithm != 0) note_once(out.signatures, kx.signature_algorithm);
  if (!kx.dh_prime.empty()) note_once(out.dh_primes, kx.dh_prime);
  if (!kx.public_value.empty() && !note_once(w.keys, kx.public_value)) out.key_repeated = true;
}

void note_flight(const tls::ServerFlight& f, Walk& w) {
  VersionSeen& out = w.out;
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
  if (hello.version == tls::kTls13 && hello.group() != 0) note_once(out.groups_used, hello.group());
  if (f.key_exchange) note_key_exchange(*f.key_exchange, w);
  if (!f.certificates.empty() && std::ranges::find(out.leaves, f.certificates.front()) == out.leaves.end() &&
      out.leaves.size() < 8)
    out.leaves.push_back(f.certificates.front());
}

/// Those that were picked go last, so that most walks find out the others on their way.
void put_last(std::vector<std::uint16_t>& offered, const std::vector<std::uint16_t>& picked) {
  std::ranges::stable_partition(
      offered, [&](std::uint16_t code) { return std::ranges::find(picked, code) == picked.end(); });
}

Task<Answer> ask_version(Walk& w, std::vector<std::uint16_t> suites, Line& line) {
  const auto until =
      w.out.version == tls::kTls13 ? tls::FlightReader::Until::hello : tls::FlightReader::Until::hello_done;
  tls::HelloOffer offer = version_hello(w.out.version, std::move(suites), w.x.target.server_name());
  put_last(offer.signature_algorithms, w.out.signatures);
  put_last(offer.groups, w.out.groups_used);
  co_return co_await w.x.dialer.ask(build_hello(offer), until, line);
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

enum class Next { same_block, next_block, smaller_blocks, end };

/// Writes a pick down, takes it out of the block and turns the block around.
void note_pick(Walk& w, const tls::ServerFlight& flight, std::vector<std::uint16_t>& block) {
  const std::uint16_t suite = flight.hello->suite;
  note_flight(flight, w);
  w.picks.push_back({block, suite});
  std::erase(block, suite);
  std::ranges::reverse(block);
}

/// Offers the block once. `why`: what the server did when that told nothing.
Task<Next> take_one(Walk& w, std::vector<std::uint16_t>& block, std::string& why) {
  if (block.empty()) co_return Next::next_block;
  Line line;
  const Answer answer = co_await ask_version(w, block, line);
  switch (judge(answer, w.out.version, block)) {
    case Verdict::picked:
      note_pick(w, answer.flight, block);
      w.other_half.take(answer, std::move(line));
      co_return Next::same_block;
    case Verdict::refused:
      w.out.known = true;
      // RFC 8446 6.2: protocol_version says that no suite would help.
      co_return answer.has_alert(kProtocolVersion) && !w.out.offered ? Next::end : Next::next_block;
    case Verdict::wrong_version:
      w.out.known = true;
      co_return Next::end;
    case Verdict::unclear:
      break;
  }
  why = "the server " + answer.text();
  co_return Next::smaller_blocks;
}

/// Offers a block until nothing is picked any more; each of its parts when the whole is not answered. False:
/// the server's answers end the walk.
Task<bool> walk_block(Walk& w, std::vector<std::uint16_t> block, bool retry_smaller) {
  std::string why;
  Next next = Next::same_block;
  while (next == Next::same_block) next = co_await take_one(w, block, why);
  if (next != Next::smaller_blocks) co_return next == Next::next_block;
  if (!retry_smaller || block.size() <= kSmallBlock) {
    w.out.complete = false;
    w.out.why = why;
    co_return false;
  }
  for (std::size_t at = 0; at < block.size(); at += kSmallBlock) {
    const auto first = block.begin() + static_cast<std::ptrdiff_t>(at);
    const auto size = static_cast<std::ptrdiff_t>(std::min(kSmallBlock, block.size() - at));
    std::vector<std::uint16_t> part(first, first + size);
    const bool go_on = co_await walk_block(w, std::move(part), false);
    if (!go_on) co_return false;
  }
  co_return true;
}

Task<Unit> walk_beside(Walk& w, std::vector<std::uint16_t> block) {
  (void)co_await walk_block(w, std::move(block), true);
  co_return Unit{};
}

/// All suites of a version in blocks of one size, each with its share of the likely ones.
std::vector<std::vector<std::uint16_t>> blocks_of(std::uint16_t version) {
  const std::vector<std::uint16_t>& all = suites_of(version);
  std::vector<std::vector<std::uint16_t>> out((all.size() + kBlock - 1) / kBlock);
  for (std::size_t i = 0; i < all.size(); ++i) out[i % out.size()].push_back(all[i]);
  return out;
}

/// One block after the other until something is picked, then all that are left side by side.
Task<Unit> walk_all(Walk& w, std::vector<std::vector<std::uint16_t>> blocks) {
  std::size_t at = 0;
  for (; at < blocks.size() && !w.out.offered; ++at) {
    std::string why;
    const Next next = co_await take_one(w, blocks[at], why);
    if (next == Next::end) co_return Unit{};
    if (next == Next::same_block) break;
    if (next == Next::next_block) continue;
    const bool go_on = co_await walk_block(w, blocks[at], true);
    if (!go_on) co_return Unit{};
  }
  Gather walks(w.x.loop);
  for (; at < blocks.size(); ++at) walks.start(walk_beside(w, std::move(blocks[at])));
  co_await walks.all();
  co_return Unit{};
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
  Walk w{x, out};
  auto blocks = blocks_of(version);
  // A browser's hello was a step of this walk.
  if (const Answer& first = x.seen.reach.first;
      version == tls::kTls13 && judge(first, version, blocks.front()) == Verdict::picked)
    note_pick(w, first.flight, blocks.front());
  co_await walk_all(w, std::move(blocks));
  co_await w.other_half.settle();
  if (version < tls::kTls13) out.server_order = server_order_of(w.picks);
  co_return Unit{};
}

namespace {

/// The newest version and its groups.
Task<Unit> walk_tls13(Examination& x, VersionSeen& out) {
  co_await walk_suites(x, tls::kTls13, out);
  if (out.offered) co_await probe_groups(x);
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_versions(Examination& x) {
  constexpr std::uint16_t kVersions[] = {0x0002,      tls::kSsl3,  tls::kTls10,
                                         tls::kTls11, tls::kTls12, tls::kTls13};
  x.seen.versions.resize(std::size(kVersions));
  Gather walks(x.loop);
  walks.start(walk_tls13(x, x.seen.versions.back()));
  for (std::size_t i = 0; i + 1 < std::size(kVersions); ++i)
    walks.start(walk_suites(x, kVersions[i], x.seen.versions[i]));
  co_await walks.all();
  for (const VersionSeen& v : x.seen.versions)
    if (!v.known || !v.complete) x.not_tested("proto.versions", tls::version_name(v.version) + ": " + v.why);
  co_return Unit{};
}

}  // namespace sally::check
