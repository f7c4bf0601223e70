#include "upstream/sticky.h"

#include <gtest/gtest.h>

namespace sally::upstream {
namespace {

const std::string kSecret(32, 's');
const std::vector<std::string> kBackends = {"10.0.0.1:80", "10.0.0.2:80"};

http::Fields with_cookie(std::string_view value) {
  http::Fields fields;
  fields.add("cookie", value);
  return fields;
}

std::string value_of(const std::string& set_cookie) {
  const std::size_t at = set_cookie.find('=') + 1;
  return set_cookie.substr(at, set_cookie.find(';') - at);
}

TEST(Sticky, LeadsBackToTheBackend) {
  const Sticky sticky("sp", kSecret, kBackends);
  for (const std::size_t backend : {0U, 1U}) {
    const std::string cookie = "a=b; sp=" + value_of(sticky.set_cookie(backend, true)) + "; c=d";
    EXPECT_EQ(sticky.backend_of(with_cookie(cookie)), backend);
  }
  for (const std::string_view cookie : {"", "sp", "sp=", "sp=0", "sp=10.0.0.1:80", "xsp=1", "a=sp=1"})
    EXPECT_EQ(sticky.backend_of(with_cookie(cookie)), std::nullopt) << cookie;
}

TEST(Sticky, SurvivesAnotherOrderAndNotAnotherSecret) {
  const Sticky sticky("sp", kSecret, kBackends), turned("sp", kSecret, {kBackends[1], kBackends[0]}),
      other("sp", std::string(32, 't'), kBackends);
  const std::string value = value_of(sticky.set_cookie(0, true));
  EXPECT_EQ(turned.backend_of(with_cookie("sp=" + value)), 1U);
  EXPECT_EQ(other.backend_of(with_cookie("sp=" + value)), std::nullopt);
  EXPECT_EQ(value.size(), 22U);
  EXPECT_EQ(value.find("10.0"), value.npos);
}

TEST(Sticky, TheCookieIsGuarded) {
  const Sticky sticky("sp", kSecret, kBackends);
  EXPECT_TRUE(sticky.set_cookie(0, true).ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
  EXPECT_TRUE(sticky.set_cookie(0, false).ends_with("; Path=/; HttpOnly; SameSite=Lax"))
      << "or no browser keeps it";
}

TEST(CookieValue, ReadsPairs) {
  EXPECT_EQ(cookie_value(with_cookie("a=1; b=2;c=3"), "b"), "2");
  EXPECT_EQ(cookie_value(with_cookie("a=1; b=2;c=3"), "c"), "3");
  EXPECT_EQ(cookie_value(with_cookie("a=1; b=x=y"), "b"), "x=y");
  EXPECT_EQ(cookie_value(with_cookie("ab=1"), "b"), std::nullopt);
  http::Fields two = with_cookie("a=1");
  two.add("cookie", "b=2");  // HTTP/2 may split the field (RFC 9113 8.2.3)
  EXPECT_EQ(cookie_value(two, "b"), "2");
}

}  // namespace
}  // namespace sally::upstream
