#include "check/alt_svc.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

TEST(AltSvc, Services) {
  const AltSvc a = parse_alt_svc("h3=\":443\"; ma=2592000, h2=\"alt.example.com:8443\";persist=1");
  ASSERT_TRUE(a.valid);
  ASSERT_EQ(a.services.size(), 2u);
  EXPECT_EQ(a.services[0].protocol, "h3");
  EXPECT_EQ(a.services[0].host, "");
  EXPECT_EQ(a.services[0].port, 443);
  EXPECT_EQ(a.services[0].max_age, 2592000u);
  EXPECT_EQ(a.services[1].host, "alt.example.com");
  EXPECT_EQ(a.services[1].port, 8443);
  EXPECT_EQ(a.services[1].max_age, 86400u);
}

TEST(AltSvc, Clear) {
  EXPECT_TRUE(parse_alt_svc("clear").clear);
  EXPECT_TRUE(parse_alt_svc("clear").valid);
}

TEST(AltSvc, Broken) {
  for (const char* const text : {"", "h3", "h3=443", "h3=\":443", "h3=\"443\"", "h3=\":x\"", "h3=\":443\";",
                                 "h3=\":443\"; ma=x", "h3=\":443\" h2=\":443\"", "h3=\":443\",", "Clear me"})
    EXPECT_FALSE(parse_alt_svc(text).valid) << text;
}

}  // namespace
}  // namespace sally::check
