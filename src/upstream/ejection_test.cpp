#include "upstream/ejection.h"

#include <gtest/gtest.h>

namespace sally::upstream {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{std::chrono::hours(1)};

TEST(Ejection, AfterEnoughFailuresInARow) {
  const EjectionTerms terms;
  Ejection e;
  EXPECT_FALSE(e.failed(terms));
  EXPECT_FALSE(e.failed(terms));
  e.succeeded(kStart);
  EXPECT_FALSE(e.failed(terms));
  EXPECT_FALSE(e.failed(terms));
  EXPECT_TRUE(e.failed(terms));
  EXPECT_FALSE(e.ejected(kStart));
  e.eject(terms, kStart);
  EXPECT_TRUE(e.ejected(kStart));
  EXPECT_TRUE(e.ejected(kStart + 9999ms));
  EXPECT_FALSE(e.ejected(kStart + 10s));
}

TEST(Ejection, ATrialThatFailsDoublesTheTime) {
  EjectionTerms terms;
  terms.longest = 60s;
  Ejection e;
  TimePoint now = kStart;
  e.eject(terms, now);
  for (const auto expected : {20s, 40s, 60s, 60s}) {
    while (e.ejected(now)) now += 1s;
    EXPECT_TRUE(e.failed(terms)) << "one failure is enough";
    e.eject(terms, now);
    EXPECT_TRUE(e.ejected(now + expected - 1ms));
    EXPECT_FALSE(e.ejected(now + expected));
  }
}

TEST(Ejection, ALongGoodSpellIsForgiveness) {
  const EjectionTerms terms;
  Ejection e;
  e.eject(terms, kStart);
  e.succeeded(kStart + 11s);
  EXPECT_TRUE(e.failed(terms)) << "still on trial";
  e.eject(terms, kStart + 12s);
  e.succeeded(kStart + 12s + 20s + 20s);
  EXPECT_FALSE(e.failed(terms)) << "as if nothing had been";
  EXPECT_FALSE(e.failed(terms));
  EXPECT_TRUE(e.failed(terms));
  e.eject(terms, kStart + 1h);
  EXPECT_FALSE(e.ejected(kStart + 1h + 10s));
}

TEST(Ejection, CanBeOff) {
  EjectionTerms terms;
  terms.failures = 0;
  Ejection e;
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(e.failed(terms));
}

}  // namespace
}  // namespace sally::upstream
