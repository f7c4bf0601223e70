#include "proto/ike/message.h"

#include <gtest/gtest.h>

namespace sally::ike {
namespace {

using std::string_literals::operator""s;

std::string sample() {
  Header header;
  header.initiator = "initiate";
  header.flags = kInitiator;
  const Payload payloads[] = {{kNonce, std::string(32, 'n')}, {kVendor, "somebody"}};
  return build(header, payloads);
}

TEST(IkeMessage, WhatWasBuiltIsRead) {
  const auto read = parse(sample());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header.initiator, "initiate");
  EXPECT_EQ(read->header.version, kVersion2);
  EXPECT_EQ(read->header.exchange, kSaInit);
  ASSERT_EQ(read->payloads.size(), 2u);
  EXPECT_EQ(read->find(kVendor)->body, "somebody");
  EXPECT_EQ(read->find(kSa), nullptr);
}

TEST(IkeMessage, EveryCutIsRefused) {
  const std::string whole = sample();
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse(whole.substr(0, n))) << n;
  EXPECT_FALSE(parse(whole + "x"));
}

TEST(IkeMessage, LengthsMustFit) {
  std::string wrong = sample();
  wrong[27] = static_cast<char>(wrong[27] + 1);
  EXPECT_TRUE(parse(wrong).error().is(kMalformed));
  wrong = sample();
  wrong[31] = 3;  // a payload shorter than its own head
  EXPECT_TRUE(parse(wrong).error().is(kMalformed));
}

TEST(IkeMessage, AChainWithoutEndIsCutOff) {
  const std::vector<Payload> many(65, {kVendor, ""}), enough(64, {kVendor, ""});
  EXPECT_FALSE(parse(build({}, many)));
  EXPECT_TRUE(parse(build({}, enough)));
}

TEST(IkeMessage, WhatIsSealedIsNotRead) {
  const Payload sealed[] = {{kSealedFragment, "....ciphertext"}};
  std::string text = build({}, sealed);
  text[28] = kNonce;  // the first payload inside
  const auto read = parse(text);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->payloads.size(), 1u);
  Header first;
  first.version = kVersion1;
  first.flags = kEncrypted1;
  const Payload noise[] = {{kHash1, "ciphertext"}};
  const auto old = parse(build(first, noise));
  ASSERT_TRUE(old);
  EXPECT_TRUE(old->payloads.empty());
}

}  // namespace
}  // namespace sally::ike
