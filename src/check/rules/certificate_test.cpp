#include <fmt/chrono.h>
#include <gtest/gtest.h>

#include "check/rules/all.h"
#include "crypto/issue.h"

namespace sally::check {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

/// Findings about a self-signed certificate of 10 days for localhost. `ours`, `theirs`: clocks, since it
/// began.
std::vector<std::string> ids(days ours, days theirs) {
  const WallTime begin = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 5 / 1));
  const auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
  crypto::CertificateDraft draft;
  draft.common_name = "localhost";
  draft.names = {"localhost"};
  draft.not_before = begin;
  draft.not_after = begin + days(10);
  Target target;
  target.host = "localhost";
  Observations seen;
  seen.now = begin + ours;
  seen.handshake.emplace();
  seen.handshake->certificates = {crypto::issue(draft, key, {nullptr, key}).value()};
  seen.http.emplace();
  seen.http->fields.emplace_back(
      "date", fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(WallClock::to_time_t(begin + theirs))));
  const Roots roots;
  Findings findings;
  judge_certificate({target, seen, roots}, findings);
  std::vector<std::string> out;
  for (const Finding& f : findings.take()) out.emplace_back(f.kind->id);
  std::erase(out, "chain_of_trust");
  return out;
}

TEST(CertificateRules, AWrongClockIsToldFromAnExpiredCertificate) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(days(5), days(5)), Ids{});
  EXPECT_EQ(ids(days(20), days(20)), Ids{"cert_notAfter"});
  EXPECT_EQ(ids(days(20), days(5)), Ids{"reach.clock"});
  EXPECT_EQ(ids(-days(4), days(5)), Ids{"reach.clock"});
  EXPECT_EQ(ids(-days(4), -days(4)), Ids{"cert_notBefore"});
}

}  // namespace
}  // namespace sally::check
