#include "check/ike_offers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sally::check {
namespace {

constexpr std::size_t kFitsAPacket = 1472;

TEST(IkeOffers, WhatSealsForItselfStandsApart) {
  const auto proposals = IkeWish::all().proposals();
  ASSERT_EQ(proposals.size(), 2u);
  const auto integrity = [](const ike::Transform& one) { return one.type == ike::kIntegrity; };
  EXPECT_TRUE(std::ranges::none_of(proposals[0], integrity));
  EXPECT_TRUE(std::ranges::any_of(proposals[1], integrity));
  for (const ike::Proposal& one : proposals)
    for (const std::uint8_t type : {ike::kEncryption, ike::kPrf, ike::kGroup})
      EXPECT_TRUE(std::ranges::any_of(one, [&](const ike::Transform& t) { return t.type == type; }));
}

TEST(IkeOffers, TheWidestFitIntoOnePacket) {
  for (const IkeQuestion& one : {sa_init(IkeWish::all(), 25, decoy_share(25)), main_mode(false),
                                 main_mode(true), aggressive_mode(14, decoy_share(14))})
    EXPECT_LE(ike::build({}, one.payloads).size(), kFitsAPacket);
}

TEST(IkeOffers, FamiliesHoldEveryTransformOnce) {
  std::size_t members = 0;
  for (const IkeFamily& one : ike_families(ike::kEncryption)) members += one.members.size();
  EXPECT_EQ(members, IkeWish::all().encryption.size());
}

TEST(IkeOffers, SharesHaveTheLengthOfTheirGroup) {
  for (const std::uint16_t group : {1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 31, 32}) {
    const auto share = real_share(group);
    ASSERT_TRUE(share && *share) << group;
    EXPECT_EQ((*share)->size(), ike::share_bytes(group)) << group;
  }
  EXPECT_FALSE(*real_share(28));
}

TEST(IkeOffers, MainModeCanBeAskedForWeaknessAlone) {
  const auto offered = [](const IkeQuestion& one) { return one.payloads.front().body.size(); };
  EXPECT_LT(offered(main_mode(true)), offered(main_mode(false)));
  EXPECT_TRUE(is_weak({.cipher = 5, .hash = 2, .group = 14}));
  EXPECT_TRUE(is_weak({.cipher = 7, .hash = 4, .group = 2}));
  EXPECT_FALSE(is_weak({.cipher = 7, .key_bits = 256, .hash = 2, .group = 14}));
}

}  // namespace
}  // namespace sally::check
