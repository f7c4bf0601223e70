#include "gateway/site.h"

#include <gtest/gtest.h>

namespace sally::gateway {
namespace {

SiteConfig named(std::vector<std::string> names, bool fallback = false) {
  SiteConfig config;
  config.names = std::move(names);
  config.fallback = fallback;
  return config;
}

std::shared_ptr<Site> site_of(const SiteConfig& config) {
  return std::make_shared<Site>(std::make_shared<const SiteConfig>(config));
}

std::string_view name_of(const Site* site) { return site ? site->name : "none"; }

TEST(SiteTable, FindsByNameThenWildcardThenFallback) {
  const SiteConfig a = named({"example.com", "www.example.com"}), b = named({"*.example.com"}),
                   c = named({"127.0.0.1"});
  const auto site_a = site_of(a), site_b = site_of(b), site_c = site_of(c);
  SiteTable table;
  table.add(site_a);
  table.add(site_b);
  table.add(site_c);
  struct Case {
    std::string_view asked, found;
  };
  const Case cases[] = {
      {"example.com", "example.com"},
      {"www.example.com", "example.com"},
      {"api.example.com", "*.example.com"},
      {"a.b.example.com", "none"},
      {"example.org", "none"},
      {".example.com", "none"},
      {"", "none"},
      {"127.0.0.1", "127.0.0.1"},
  };
  for (const Case& k : cases) EXPECT_EQ(name_of(table.find(k.asked)), k.found) << k.asked;
  EXPECT_EQ(name_of(table.unnamed("127.0.0.1")), "127.0.0.1");
  EXPECT_EQ(name_of(table.unnamed("10.0.0.1")), "none");

  const SiteConfig d = named({"other.example"}, true);
  const auto site_d = site_of(d);
  table.add(site_d);
  EXPECT_EQ(name_of(table.find("example.org")), "other.example");
  EXPECT_EQ(name_of(table.unnamed("10.0.0.1")), "other.example");
}

TEST(SiteTable, TheOnlySiteOfAPortAnswersClientsThatNameNone) {
  const SiteConfig a = named({"example.com"});
  const auto site = site_of(a);
  SiteTable table;
  table.add(site);
  EXPECT_EQ(name_of(table.unnamed("192.0.2.1")), "example.com");
  EXPECT_EQ(name_of(table.find("192.0.2.1")), "none") << "but one that names another is refused";
}

std::string_view hsts(const SiteConfig& config) {
  static std::unique_ptr<const http::PreparedFields> made;
  made = make_added_fields(config);
  return made->fields.first("strict-transport-security").value_or("none");
}

TEST(AddedFields, HstsOnPublicNamesAndNeverOnLocalOnesByItself) {
  EXPECT_EQ(hsts(named({"example.com"})), "max-age=63072000");
  EXPECT_EQ(hsts(named({"localhost", "127.0.0.1"})), "none");
  SiteConfig off = named({"example.com"});
  off.hsts.mode = HstsConfig::Mode::off;
  EXPECT_EQ(hsts(off), "max-age=0");
  SiteConfig all = named({"example.com"});
  all.hsts.include_subdomains = all.hsts.preload = true;
  EXPECT_EQ(hsts(all), "max-age=63072000; includeSubDomains; preload");
}

TEST(AddedFields, ConfiguredOnesReplaceAndRemoveDefaults) {
  SiteConfig config = named({"example.com"});
  config.headers = {{"Referrer-Policy", ""}, {"X-Frame-Options", "DENY"}};
  const auto made = make_added_fields(config);
  EXPECT_FALSE(made->fields.first("referrer-policy"));
  EXPECT_EQ(made->fields.first("x-frame-options"), "DENY");
  EXPECT_EQ(made->fields.first("x-content-type-options"), "nosniff");
  EXPECT_TRUE(made->http1.contains("x-frame-options: DENY\r\n"));
}

}  // namespace
}  // namespace sally::gateway
