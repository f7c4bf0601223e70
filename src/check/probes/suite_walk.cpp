#include "check/probes/suite_walk.h"

#include <algorithm>

#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {

std::optional<bool> server_order_of(const std::vector<Pick>& picks) {
  constexpr unsigned kEnough = 4;  // that a server's own order looks like this is left to chance once in many
  const auto is_had = [&](std::uint16_t suite) {
    return std::ranges::find(picks, suite, &Pick::suite) != picks.end();
  };
  unsigned telling = 0;
  for (const Pick& pick : picks) {
    if (std::ranges::count_if(pick.offered, is_had) < 2) continue;
    if (*std::ranges::find_if(pick.offered, is_had) != pick.suite) return true;
    ++telling;
  }
  if (telling < kEnough) return std::nullopt;
  return false;
}

void OtherHalf::take(const Answer& answer, Line line) {
  const tls::ServerHello& hello = *answer.flight.hello;
  if (!answer.flight.hello_done || hello.version != tls::kTls12) return;
  const tls::SuiteFacts facts = tls::suite_facts(hello.suite);
  const bool rsa = facts.rsa_transport && !facts.exported && !facts.preshared;
  if (rsa && flaws_ < kKeyExchangeFlaws && !answer.flight.certificates.empty()) {
    std::string& out = answers_[flaws_];
    asking_.start(ask_key_exchange(x_, std::move(line), hello.version, answer.flight.certificates.front(),
                                   flaws_, out));
    ++flaws_;
  } else if (!ccs_asked_) {
    ccs_asked_ = true;
    asking_.start(ask_early_ccs(x_, std::move(line), hello.version));
  }
}

Task<Unit> OtherHalf::settle() {
  co_await asking_.all();
  // With other suites a sound server may answer otherwise: what differs is asked again with one suite.
  const bool all_same = std::ranges::all_of(
      answers_, [&](const std::string& one) { return !one.empty() && one == answers_.front(); });
  if (flaws_ == kKeyExchangeFlaws && all_same) x_.seen.attacks.bleichenbacher = false;
  co_return Unit{};
}

}  // namespace sally::check
