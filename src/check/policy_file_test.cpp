#include "check/policy_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/block.h"
#include "config/toml.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

Result<Policy> parsed(std::string_view text) {
  TRY(const config::Node node, config::parse_toml(text, "policy.toml"));
  return config::parse(node, Policy::block());
}

Observations tls12_and_13() {
  Observations seen;
  seen.now = WallTime(std::chrono::seconds(1'800'000'000));  // 2027-01-15
  for (const std::uint16_t v : {tls::kTls12, tls::kTls13}) {
    VersionSeen one;
    one.version = v;
    one.offered = one.known = true;
    one.suites = {v == tls::kTls13 ? std::uint16_t{0x1301} : std::uint16_t{0xc02f}};
    seen.versions.push_back(std::move(one));
  }
  return seen;
}

std::vector<std::string> ids(std::string_view policy, Grade grade = Grade::a,
                             std::vector<Finding> findings = {}) {
  const Policy p = parsed(policy).value();
  hold_against(p, parse_target("example.com").value(), tls12_and_13(), grade, findings);
  std::vector<std::string> out;
  for (const Finding& f : findings) out.emplace_back(f.kind->id);
  return out;
}

TEST(Policy, WhatHoldsIsNoFinding) {
  EXPECT_TRUE(ids("").empty());
  EXPECT_TRUE(ids("grade = 'A'\nversions = ['TLS 1.2', 'TLS 1.3']\nsuites = ['TLS_AES_128_GCM_SHA256', "
                  "'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']")
                  .empty());
}

TEST(Policy, WhatBreaksItIs) {
  EXPECT_EQ(ids("grade = 'A+'"), std::vector<std::string>{"policy.grade"});
  EXPECT_EQ(ids("versions = 'TLS 1.3'"), std::vector<std::string>{"policy.version"});
  EXPECT_EQ(ids("suites = ['TLS_AES_128_GCM_SHA256']"), std::vector<std::string>{"policy.suite"});
}

TEST(Policy, NamesThatNobodyKnowsAreRefused) {
  for (const char* const text :
       {"grade = 'G'", "versions = ['TLS 1.4']", "suites = ['AES']", "groups = ['x']", "colour = 1",
        "[[ignore]]\nid = 'a'\nreason = 'b'\nuntil = 'soon'",
        "[[ignore]]\nid = 'a'\nreason = 'b'\nuntil = '2027-13-01'"})
    EXPECT_FALSE(parsed(text)) << text;
}

TEST(Policy, AWaiverHoldsUntilItsDayAndForItsTarget) {
  constexpr FindingKind kOld{"proto.tls10", Severity::medium, Grade::b, "", "", ""};
  const auto waived = [&](const std::string& target, const std::string& until) {
    const Policy p = parsed("[[ignore]]\nid = 'proto.tls10'\ntarget = '" + target +
                            "'\nreason = 'a machine'\nuntil = '" + until + "'")
                         .value();
    std::vector<Finding> findings = {{&kOld, "seen"}};
    hold_against(p, parse_target("example.com").value(), tls12_and_13(), Grade::b, findings);
    const auto over =
        std::ranges::count_if(findings, [](const Finding& f) { return f.kind->id == "policy.waiver_over"; });
    return findings.front().known ? "waived" : over == 1 ? "over" : "counts";
  };
  EXPECT_STREQ(waived("", "2027-01-15"), "waived");
  EXPECT_STREQ(waived("example.com:443", "2027-02-01"), "waived");
  EXPECT_STREQ(waived("", "2027-01-14"), "over");
  EXPECT_STREQ(waived("example.com:8443", "2027-02-01"), "counts");
}

}  // namespace
}  // namespace sally::check
