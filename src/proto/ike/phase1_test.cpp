#include "proto/ike/phase1.h"

#include <gtest/gtest.h>

namespace sally::ike {
namespace {

TEST(IkePhase1, AnOfferOfOneIsReadAsAnAnswer) {
  const Phase1 one{.cipher = 7, .key_bits = 256, .hash = 4, .group = 14, .method = 1};
  const Phase1 offers[] = {one};
  const auto read = read_sa1(sa1_body(offers));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, one);
  EXPECT_EQ(read->text(), "AES-CBC-256, SHA-256, MODP-2048, pre-shared key");
  EXPECT_TRUE(read->by_shared_key());
}

TEST(IkePhase1, OnlyOneMayBeTaken) {
  const Phase1 offers[] = {{.cipher = 5, .hash = 2, .group = 2, .method = 3},
                           {.cipher = 1, .hash = 1, .group = 1, .method = 3}};
  EXPECT_TRUE(read_sa1(sa1_body(offers)).error().is(kMalformed));
}

TEST(IkePhase1, EveryCutIsRefused) {
  const Phase1 offers[] = {{.cipher = 5, .hash = 2, .group = 2, .method = 3}};
  const std::string whole = sa1_body(offers);
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(read_sa1(whole.substr(0, n))) << n;
}

TEST(IkePhase1, WhatNobodyKnowsHasANumber) {
  const Phase1 one{.cipher = 99, .key_bits = 0, .hash = 98, .group = 97, .method = 96};
  EXPECT_EQ(one.text(), "cipher 99, hash 98, group 97, method 96");
}

}  // namespace
}  // namespace sally::ike
