#include "proto/ike/offer.h"

#include <gtest/gtest.h>

#include "proto/ike/transforms.h"

namespace sally::ike {
namespace {

using std::string_literals::operator""s;

TEST(IkeOffer, ProposalsComeBackAsTheyWere) {
  const std::vector<Proposal> offers = {
      {{kEncryption, 20, 256}, {kPrf, 5, 0}, {kGroup, 31, 0}, {kAdditional1, 36, 0}},
      {{kEncryption, 3, 0}, {kIntegrity, 2, 0}, {kPrf, 2, 0}, {kGroup, 2, 0}}};
  const auto read = read_sa(sa_body(offers));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, offers);
}

/// The bytes of RFC 7296 3.3 for AES-CBC-128 alone.
TEST(IkeOffer, TheWireIsThatOfTheStandard) {
  const Proposal offers[] = {{{kEncryption, 12, 128}}};
  EXPECT_EQ(sa_body(offers), "\0\0\0\x14\1\1\0\1\0\0\0\x0c\1\0\0\x0c\x80\x0e\0\x80"s);
  EXPECT_EQ(key_exchange_body(31, "share"), "\0\x1f\0\0share"s);
  EXPECT_EQ(notice_body(kCookie, "c"), "\0\0\x40\x06"s + "c");
}

TEST(IkeOffer, EveryCutIsRefused) {
  const Proposal offers[] = {{{kEncryption, 12, 128}, {kGroup, 14, 0}}};
  const std::string whole = sa_body(offers);
  for (std::size_t n = 1; n < whole.size(); ++n) EXPECT_FALSE(read_sa(whole.substr(0, n))) << n;
  EXPECT_FALSE(read_sa("\0\0\0\x04"s));
}

TEST(IkeOffer, NoticesOfBothVersions) {
  const auto two = read_notice("\0\0\0\x11\0\x1f"s);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->type, kInvalidKe);
  EXPECT_EQ(two->number(), 31);
  const auto one = read_notice1("\0\0\0\1\1\2\0\x0eSP"s);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->type, kNoProposalChosen);
  EXPECT_EQ(one->number(), 0);
  EXPECT_FALSE(read_notice("\0\x05\0\x11"s));
}

TEST(IkeTransforms, NamesOfWhatIsKnownAndWhatIsNot) {
  EXPECT_EQ(name_of({kEncryption, 20, 256}), "AES-GCM-256");
  EXPECT_EQ(name_of({kAdditional1, 36, 0}), "ML-KEM-768");
  EXPECT_EQ(name_of({kGroup, 1234, 0}), "group 1234");
  EXPECT_EQ(name_of({kEncryption, 12, 512}), "encryption 12 with 512 bits");
  for (const TransformFacts& row : all_transforms()) {
    EXPECT_EQ(facts_of(row.transform), &row) << row.name;
    EXPECT_EQ(row.why.empty(), row.strength == Strength::sound) << row.name;
    if (row.transform.type == kGroup) {
      EXPECT_GT(share_bytes(row.transform.id), 0u) << row.name;
    }
  }
}

TEST(IkeTransforms, VendorsByNameTextOrOctets) {
  EXPECT_EQ(vendor_name("\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb"), "strongSwan");
  EXPECT_EQ(vendor_name("OE-Libreswan-5.2"), "OE-Libreswan-5.2");
  EXPECT_EQ(vendor_name("\x01\xff"), "01ff");
}

}  // namespace
}  // namespace sally::ike
