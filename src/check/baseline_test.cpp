#include "check/baseline.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

TEST(Baseline, KnowsWhatStoodInAReport) {
  const auto read = Baseline::parse(
      R"({"targets": [{"target": "a.example:443", "address": "192.0.2.1:443", "grade": "B",
          "findings": [{"id": "proto.tls10", "evidence": "x"}, {"id": "hsts.present"}]},
         {"target": "b.example:443", "findings": []}]})");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_TRUE(read->has("a.example:443", "proto.tls10"));
  EXPECT_TRUE(read->has("a.example:443", "hsts.present"));
  EXPECT_FALSE(read->has("b.example:443", "proto.tls10"));
  EXPECT_FALSE(read->has("a.example:443", "proto.tls11"));
}

TEST(Baseline, WhatIsNoReportIsRefused) {
  for (const std::string_view bad :
       {"", "{", "[]", "{}", "null", R"({"targets": {}})", R"({"targets": [1]})",
        R"({"targets": [{"target": 1, "findings": []}]})", R"({"targets": [{"target": "a"}]})",
        R"({"targets": [{"target": "a", "findings": [{}]}]})",
        R"({"targets": [{"target": "a", "findings": [{"id": 5}]}]})", "{\"targets\": [\xff]}"}) {
    const auto read = Baseline::parse(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_TRUE(read.error().is(kBadBaseline)) << bad;
  }
  EXPECT_FALSE(Baseline::parse(std::string(200'000, '[')));
}

}  // namespace
}  // namespace sally::check
