#include "check/csp.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

CspStrength of(std::string text) {
  const std::string fields[] = {std::move(text)};
  return strength_of(parse_policies(fields));
}

TEST(Csp, DirectivesAndSources) {
  const Csp p =
      parse_csp(" Default-Src 'self'  https://a.example ;; img-src *; default-src 'none'; foo-src x;");
  ASSERT_EQ(p.directives.size(), 3u);
  ASSERT_TRUE(p.has("default-src"));
  EXPECT_EQ(*p.sources("default-src"), (Csp::Sources{"'self'", "https://a.example"}));
  EXPECT_EQ(p.fetch_sources("script-src"), p.sources("default-src"));
  EXPECT_EQ(p.twice, std::vector<std::string>{"default-src"});
  EXPECT_EQ(p.unknown, std::vector<std::string>{"foo-src"});
}

TEST(Csp, CommasSeparatePolicies) {
  const std::string fields[] = {"default-src 'self', script-src 'none'", "img-src *"};
  EXPECT_EQ(parse_policies(fields).size(), 3u);
  const std::string nothing[] = {" ; , ;"};
  EXPECT_TRUE(parse_policies(nothing).empty());
}

TEST(Csp, AStrictOne) {
  const CspStrength s = of("default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'");
  EXPECT_FALSE(s.unsafe_inline || s.unsafe_inline_style || s.unsafe_eval || s.insecure_scheme);
  EXPECT_TRUE(s.deny_by_default && s.frames_named);
}

TEST(Csp, InlineScriptsAndScriptsFromAnywhere) {
  for (const char* const text :
       {"img-src 'self'", "default-src 'self' 'unsafe-inline'", "default-src *",
        "default-src https:", "script-src 'self'", "script-src 'self' data:; object-src 'none'"})
    EXPECT_TRUE(of(text).unsafe_inline) << text;
  for (const char* const text :
       {"script-src 'nonce-abc' 'unsafe-inline'; object-src 'none'",
        "script-src 'strict-dynamic' 'nonce-a' https:; object-src 'none'", "default-src 'self'"})
    EXPECT_FALSE(of(text).unsafe_inline) << text;
}

TEST(Csp, StylesAreLessBad) {
  const CspStrength s = of("default-src 'self'; style-src 'self' 'unsafe-inline'");
  EXPECT_TRUE(!s.unsafe_inline && s.unsafe_inline_style);
}

TEST(Csp, PlainHttp) {
  EXPECT_TRUE(of("default-src 'self' http://a.example").insecure_scheme);
  EXPECT_TRUE(of("default-src 'self'; img-src http://a.example").insecure_passive_scheme);
  EXPECT_FALSE(of("default-src 'self'; img-src http://a.example").insecure_scheme);
}

TEST(Csp, TwoPoliciesHoldTogether) {
  EXPECT_FALSE(of("default-src 'self' 'unsafe-inline', script-src 'self'; object-src 'none'").unsafe_inline);
}

}  // namespace
}  // namespace sally::check
