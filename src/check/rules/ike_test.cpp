#include <gtest/gtest.h>

#include <algorithm>

#include "check/ike_mend.h"
#include "check/ike_seen.h"
#include "check/mend.h"
#include "check/rules/all.h"

namespace sally::check {
namespace {

Findings judged(const IkeSeen& ike) {
  Target target;
  target.protocol = proto::protocol_named("ipsec");
  Observations seen;
  seen.ike = std::make_shared<const IkeSeen>(ike);
  const Roots roots;
  Findings out;
  judge_ike({target, seen, roots}, out);
  return out;
}

std::vector<std::string_view> ids_of(const IkeSeen& ike) {
  std::vector<std::string_view> ids;
  Findings found = judged(ike);
  for (const Finding& f : found.take()) ids.push_back(f.kind->id);
  return ids;
}
using Ids = std::vector<std::string_view>;

IkeSeen sound() {
  IkeSeen out;
  IkeV2Seen& v2 = out.v2.emplace();
  v2.groups = {{ike::kGroup, 31, 0}, {ike::kGroup, 14, 0}};
  v2.additional = {{ike::kAdditional1, 36, 0}};
  v2.encryption = {{ike::kEncryption, 20, 256}};
  v2.prf = {{ike::kPrf, 6, 0}};
  v2.integrity = {{ike::kIntegrity, 12, 0}};
  v2.complete = v2.fragmentation = true;
  v2.chosen.emplace();
  out.other_port = IkePort::answers;
  return out;
}

TEST(IkeRules, NothingAgainstASoundGateway) { EXPECT_TRUE(ids_of(sound()).empty()); }

TEST(IkeRules, EachKindOfTransformIsJudged) {
  IkeSeen seen = sound();
  seen.v2->groups.push_back({ike::kGroup, 2, 0});
  seen.v2->groups.push_back({ike::kGroup, 5, 0});
  seen.v2->encryption.push_back({ike::kEncryption, 3, 0});
  seen.v2->prf.push_back({ike::kPrf, 1, 0});
  seen.v2->integrity.push_back({ike::kIntegrity, 2, 0});
  const Ids ids = ids_of(seen);
  EXPECT_EQ(ids, (Ids{"ipsec.group_broken", "ipsec.group_weak", "ipsec.cipher_weak", "ipsec.prf_weak",
                      "ipsec.integrity_old"}));
}

TEST(IkeRules, PostQuantumIsMissedOnlyWhereAllWasAsked) {
  IkeSeen seen = sound();
  seen.v2->additional.clear();
  EXPECT_EQ(ids_of(seen), Ids{"ipsec.post_quantum"});
  seen.v2->complete = false;
  EXPECT_TRUE(ids_of(seen).empty());
  seen.v2->complete = true;
  seen.v2->groups.push_back({ike::kGroup, 37, 0});
  EXPECT_TRUE(ids_of(seen).empty());
}

TEST(IkeRules, AHashForEverybodyIsWorseThanTheModeAlone) {
  IkeSeen seen = sound();
  seen.aggressive = ike::Phase1{7, 256, 4, 14, 1};
  EXPECT_EQ(ids_of(seen), (Ids{"ipsec.ikev1", "ipsec.aggressive_mode"}));
  seen.gave_hash = true;
  EXPECT_EQ(ids_of(seen), (Ids{"ipsec.aggressive", "ipsec.ikev1"}));
}

TEST(IkeRules, WhatElseCanBeWrong) {
  IkeSeen seen = sound();
  seen.v2->fragmentation = false;
  EXPECT_EQ(ids_of(seen), Ids{"ipsec.fragmentation"});
  seen = sound();
  seen.other_port = IkePort::silent;
  EXPECT_EQ(ids_of(seen), Ids{"ipsec.nat_traversal"});
  seen = sound();
  seen.v2->signature_hashes = {2, 1};
  EXPECT_EQ(ids_of(seen), Ids{"ipsec.signature_sha1"});
  seen = sound();
  seen.weak_mode = seen.main_mode = ike::Phase1{5, 0, 2, 2, 1};
  EXPECT_EQ(ids_of(seen), (Ids{"ipsec.ikev1_weak", "ipsec.ikev1"}));
}

TEST(IkeMends, AreForWhoSaysWhoItIs) {
  Examined one;
  IkeSeen seen = sound();
  seen.v2->groups.push_back({ike::kGroup, 2, 0});
  Findings found = judged(seen);
  const Finding broken = found.take().front();
  one.seen.ike = std::make_shared<const IkeSeen>(seen);
  EXPECT_FALSE(snippet_for(one, broken));
  seen.vendors = {"OE-Libreswan-5.2"};
  one.seen.ike = std::make_shared<const IkeSeen>(seen);
  EXPECT_EQ(snippet_for(one, broken)->software, "libreswan");
  EXPECT_EQ(snippet_for("ipsec.ikev1", "strongswan")->text, strongswan_mend("ipsec.ikev1"));
  EXPECT_FALSE(snippet_for("ipsec.post_quantum", "libreswan"));
}

}  // namespace
}  // namespace sally::check
