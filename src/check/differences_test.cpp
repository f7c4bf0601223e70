#include "check/differences.h"

#include <gtest/gtest.h>

#include "tls/hello_builder.h"

namespace sally::check {
namespace {

VersionSeen version(std::uint16_t v, bool offered) {
  VersionSeen out;
  out.version = v;
  out.offered = offered;
  out.known = out.complete = true;
  if (offered) out.suites = {v == tls::kTls13 ? std::uint16_t{0x1301} : std::uint16_t{0xc02f}};
  return out;
}

std::unique_ptr<Examined> endpoint(std::string address, bool tls12, bool tls13) {
  auto out = std::make_unique<Examined>();
  out->address = std::move(address);
  out->seen.versions = {version(tls::kTls12, tls12), version(tls::kTls13, tls13)};
  out->grade = out->tested() ? Grade::a_plus : Grade::none;
  return out;
}

std::vector<std::unique_ptr<Examined>> both(std::unique_ptr<Examined> a, std::unique_ptr<Examined> b) {
  std::vector<std::unique_ptr<Examined>> out;
  out.push_back(std::move(a));
  out.push_back(std::move(b));
  return out;
}

TEST(Differences, AddressesThatAreAlikeGetNoFinding) {
  const auto all = both(endpoint("192.0.2.1:443", true, true), endpoint("192.0.2.2:443", true, true));
  judge_differences(all);
  EXPECT_TRUE(all[0]->findings.empty());
  EXPECT_TRUE(all[1]->findings.empty());
}

TEST(Differences, AVersionThatOnlyOneHas) {
  const auto all = both(endpoint("192.0.2.1:443", true, true), endpoint("192.0.2.2:443", true, false));
  judge_differences(all);
  ASSERT_EQ(all[1]->findings.size(), 1u);
  EXPECT_EQ(all[1]->findings.front().kind->id, "address.differs");
  EXPECT_EQ(all[1]->findings.front().evidence,
            "Compared with 192.0.2.1:443: here TLS 1.2, there TLS 1.2, TLS 1.3.");
  EXPECT_EQ(all[1]->grade, Grade::b);
  EXPECT_EQ(all[0]->grade, Grade::a_plus);
}

TEST(Differences, WhatIsNotKnownIsNoDifference) {
  auto all = both(endpoint("192.0.2.1:443", true, true), endpoint("192.0.2.2:443", true, false));
  all[1]->seen.versions.back().known = false;
  judge_differences(all);
  EXPECT_TRUE(all[1]->findings.empty());
}

TEST(Differences, AnAddressWithoutTlsIsToldAtTheOneThatHasIt) {
  auto all = both(endpoint("192.0.2.1:443", false, false), endpoint("192.0.2.2:443", true, true));
  all[0]->seen.reach.first.end = Answer::End::refused;
  judge_differences(all);
  EXPECT_TRUE(all[0]->findings.empty());
  ASSERT_EQ(all[1]->findings.size(), 1u);
  EXPECT_EQ(all[1]->findings.front().kind->id, "address.dead");
  EXPECT_EQ(all[1]->findings.front().evidence, "192.0.2.1:443 refused the connection.");
}

}  // namespace
}  // namespace sally::check
