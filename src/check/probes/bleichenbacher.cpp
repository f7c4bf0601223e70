#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "check/gather.h"
#include "check/probes/all.h"
#include "check/probes/half_open.h"
#include "check/probes/hello_kinds.h"
#include "check/reaction.h"
#include "crypto/entropy.h"
#include "crypto/raw_rsa.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

constexpr const char* kId = "robot";
constexpr std::size_t kPremaster = 48;
constexpr std::chrono::milliseconds kPatience{1500};

/// What is wrong with the block that the server decrypts (RFC 8017 7.2.1, RFC 5246 7.4.7.1).
enum Flaw : unsigned { kNone, kFirstBytes, kZeroTooLate, kNoZero, kVersion };
constexpr unsigned kFlaws = kKeyExchangeFlaws;
constexpr std::array<const char*, kFlaws> kNames = {"right padding", "wrong first bytes",
                                                    "zero in a wrong place", "no zero", "wrong version"};

struct Basis {
  std::uint16_t version = 0;
  std::vector<std::uint16_t> suites;
};

Basis basis_of(const Observations& seen) {
  Basis out;
  for (const VersionSeen& v : seen.versions) {
    std::vector<std::uint16_t> suites;
    for (const std::uint16_t code : v.suites)
      if (const tls::SuiteFacts f = tls::suite_facts(code); f.rsa_transport && !f.exported && !f.preshared)
        suites.push_back(code);
    if (v.version >= tls::kTls10 && v.version <= tls::kTls12 && !suites.empty()) out = {v.version, suites};
  }
  return out;
}

std::string random_text(std::size_t size, bool zeros_too) {
  std::string out;
  while (out.size() < size)
    for (const std::byte b : crypto::random_bytes<64>())
      if (out.size() < size && (zeros_too || b != std::byte{0})) out += static_cast<char>(b);
  return out;
}

std::string block_of(Flaw flaw, std::size_t size, std::uint16_t version) {
  std::string out("\0\2", 2);
  out += random_text(size - 3 - kPremaster, false);
  out += '\0';
  out += static_cast<char>(version >> 8);
  out += static_cast<char>(version & 0xff);
  out += random_text(kPremaster - 2, false);
  if (flaw == kFirstBytes) out.replace(0, 2, "\x41\x17");
  if (flaw == kZeroTooLate) std::swap(out[size - kPremaster - 1], out[size - 2]);
  if (flaw == kNoZero) out[size - kPremaster - 1] = '\x11';
  if (flaw == kVersion) out.replace(size - kPremaster, 2, "\x02\x02");
  return out;
}

std::string number(std::size_t n, unsigned bytes) {
  std::string out;
  for (unsigned shift = bytes * 8; shift > 0; shift -= 8) out += static_cast<char>(n >> (shift - 8) & 0xff);
  return out;
}

/// ClientKeyExchange, ChangeCipherSpec, and a Finished that nobody can have sealed.
std::string second_flight(std::uint16_t version, const std::string& encrypted) {
  const std::string v = number(version, 2);
  const std::string exchange =
      number(16, 1) + number(encrypted.size() + 2, 3) + number(encrypted.size(), 2) + encrypted;
  const std::string finished = random_text(64, true);
  return number(22, 1) + v + number(exchange.size(), 2) + exchange + number(20, 1) + v + number(1, 2) + '\1' +
         number(22, 1) + v + number(finished.size(), 2) + finished;
}

/// On a connection whose server has said ServerHelloDone.
Task<Result<std::string>> ask_on(Examination& x, Stream& stream, std::uint16_t version,
                                 const std::string& leaf_der, unsigned flaw) {
  CO_TRY(const auto leaf, crypto::Certificate::from_der(as_bytes(leaf_der)));
  const std::size_t size = crypto::rsa_block_size(leaf);
  if (size < kPremaster + 11) co_return fail(crypto::kCryptoCall, "the certificate has no RSA key of use");
  CO_TRY(const std::string encrypted,
         crypto::rsa_raw(leaf, block_of(static_cast<Flaw>(flaw), size, tls::kTls12)));
  const Deadline by = std::min(x.loop.now() + kPatience, x.dialer.answer_by());
  const Reaction reaction = co_await react(stream, second_flight(version, encrypted), by);
  co_return reaction.text();
}

Task<Result<std::string>> ask(Examination& x, const Basis& basis, unsigned flaw) {
  CO_TRY(Line line, co_await x.dialer.open());
  CO_TRY_VOID(co_await send_all(
      *line, build_hello(version_hello(basis.version, basis.suites, x.target.server_name())),
      x.dialer.answer_by()));
  const Answer answer =
      co_await read_flight(*line, tls::FlightReader::Until::hello_done, x.dialer.answer_by());
  if (!answer.flight.hello_done || answer.flight.certificates.empty())
    co_return fail(tls::kBadFlight, "the server " + answer.text());
  co_return co_await ask_on(x, *line, basis.version, answer.flight.certificates.front(), flaw);
}

using Answers = std::array<std::string, kFlaws>;

Task<Unit> ask_into(Examination& x, const Basis& basis, unsigned flaw, std::string& out,
                    std::string& trouble) {
  auto answer = co_await ask(x, basis, flaw);
  if (answer)
    out = *std::move(answer);
  else
    trouble = answer.error().text();
  co_return Unit{};
}

/// One answer for each flaw. Errors: what kept the last of them from being asked.
Task<Result<Answers>> ask_all(Examination& x, const Basis& basis) {
  Answers out;
  std::string trouble;
  Gather all(x.loop);
  for (unsigned flaw = 0; flaw < kFlaws; ++flaw) all.start(ask_into(x, basis, flaw, out[flaw], trouble));
  co_await all.all();
  if (!trouble.empty()) co_return fail(tls::kBadFlight, trouble);
  co_return out;
}

bool all_same(const Answers& a) {
  return std::ranges::all_of(a, [&](const std::string& one) { return one == a.front(); });
}

}  // namespace

Task<Unit> ask_key_exchange(Examination& x, Line line, std::uint16_t version, std::string leaf, unsigned flaw,
                            std::string& out) {
  auto answer = co_await ask_on(x, *line, version, leaf, flaw);
  if (answer) out = *std::move(answer);
  co_return Unit{};
}

Task<Unit> probe_bleichenbacher(Examination& x) {
  const Basis basis = basis_of(x.seen);
  if (basis.version == 0) co_return Unit{};
  const auto first = co_await ask_all(x, basis);
  if (!first) {
    x.not_tested(kId, first.error().text());
    co_return Unit{};
  }
  if (all_same(*first)) {
    x.seen.attacks.bleichenbacher = false;
    co_return Unit{};
  }
  // A lost packet looks like a difference; a leak shows twice.
  const auto second = co_await ask_all(x, basis);
  if (!second || *second != *first) {
    x.not_tested(kId, "the server's answers differ from one time to the next");
    co_return Unit{};
  }
  x.seen.attacks.bleichenbacher = true;
  for (unsigned flaw = 0; flaw < kFlaws; ++flaw)
    x.seen.attacks.bleichenbacher_answers +=
        fmt::format("{}{}: it {}", flaw == 0 ? "" : "; ", kNames[flaw], (*first)[flaw]);
  co_return Unit{};
}

}  // namespace sally::check
