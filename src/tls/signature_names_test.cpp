#include "tls/signature_names.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tls/hello_builder.h"

namespace sally::tls {
namespace {

TEST(SignatureNames, WhatAHelloOffersHasAName) {
  for (const std::uint16_t code : HelloOffer::every_signature_algorithm())
    EXPECT_EQ(std::ranges::count(registered_signatures(), code, &SignatureName::code), 1) << code;
}

TEST(SignatureNames, TheBrokenOnesAreKnown) {
  for (const std::uint16_t code : {0x0101, 0x0201, 0x0203, 0x0202})
    EXPECT_TRUE(is_weak_signature(static_cast<std::uint16_t>(code))) << code;
  for (const std::uint16_t code : {0x0403, 0x0804, 0x0401, 0x0807, 0x0905, 0x0301, 0x0303, 0x1234})
    EXPECT_FALSE(is_weak_signature(static_cast<std::uint16_t>(code))) << code;
  EXPECT_EQ(signature_name(0x0804), "rsa_pss_rsae_sha256");
  EXPECT_EQ(signature_name(0x1234), "0x1234");
}

}  // namespace
}  // namespace sally::tls
