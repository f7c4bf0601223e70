#include "handler/route_table.h"

#include <gtest/gtest.h>

#include "base/ascii.h"

namespace sally::handler {
namespace {

using Kind = RouteTable::Choice::Kind;

struct Asked {
  std::string_view path;
  std::string_view method = "GET";
  std::vector<http::Field> fields = {};
  std::string_view client = "192.0.2.1";
  std::string_view protocol = {};
};

/// The path of the rule that is chosen; "none", "refused".
class Rules {
 public:
  explicit Rules(std::vector<RouteRule> rules) : table_(std::move(rules)) {}

  RouteTable::Choice choose(const Asked& asked) {
    http::Request request;
    request.method_text = asked.method;
    request.method = http::method_from(asked.method);
    request.path = asked.path;
    request.protocol = asked.protocol;
    for (const http::Field& f : asked.fields) request.fields.add(f.name, f.value);
    return table_.choose(request, asked.client);
  }
  std::string operator()(const Asked& asked) {
    const RouteTable::Choice c = choose(asked);
    if (c.kind == Kind::rule) return table_.rules()[c.index].path + "#" + std::to_string(c.index);
    return c.kind == Kind::none ? "none" : "refused";
  }

 private:
  RouteTable table_;
};

RouteRule path(std::string text) { return {std::move(text), {}, {}, {}}; }

TEST(RouteTable, TheMostSpecificPathWins) {
  Rules rules({path("/*"), path("/api/*"), path("/api/v1/*"), path("/api/v1/users"), path("/api/v1/"),
               path("/about")});
  EXPECT_EQ(rules({"/"}), "/*#0");
  EXPECT_EQ(rules({"/other"}), "/*#0");
  EXPECT_EQ(rules({"/about"}), "/about#5");
  EXPECT_EQ(rules({"/about/"}), "/*#0") << "a path without a star is that path alone";
  EXPECT_EQ(rules({"/api"}), "/api/*#1") << "a star covers the path before it";
  EXPECT_EQ(rules({"/api/"}), "/api/*#1");
  EXPECT_EQ(rules({"/apix"}), "/*#0") << "whole segments only";
  EXPECT_EQ(rules({"/api/v2/users"}), "/api/*#1");
  EXPECT_EQ(rules({"/api/v1"}), "/api/v1/*#2");
  EXPECT_EQ(rules({"/api/v1/"}), "/api/v1/#4");
  EXPECT_EQ(rules({"/api/v1/users"}), "/api/v1/users#3");
  EXPECT_EQ(rules({"/api/v1/users/7"}), "/api/v1/*#2");
  EXPECT_EQ(rules({"/API/v1"}), "/*#0") << "capitals count";
  EXPECT_EQ(rules({"*", "OPTIONS"}), "/*#0");
  EXPECT_EQ(rules({"", "CONNECT"}), "/*#0");
}

TEST(RouteTable, NoRuleNoChoice) {
  Rules rules({path("/a/*"), path("/b")});
  EXPECT_EQ(rules({"/"}), "none");
  EXPECT_EQ(rules({"/b/c"}), "none");
  EXPECT_EQ(rules({"*", "OPTIONS"}), "none");
}

TEST(RouteTable, TheNumberOfSegmentsBeforeTheStarIsTold) {
  Rules rules({path("/a/b/*"), path("/*"), path("/x/y")});
  EXPECT_EQ(rules.choose({"/a/b/c/d"}).segments, 2U);
  EXPECT_EQ(rules.choose({"/a/b"}).segments, 2U);
  EXPECT_EQ(rules.choose({"/c"}).segments, 0U);
  EXPECT_EQ(rules.choose({"/x/y"}).segments, 2U);
}

TEST(RouteTable, MoreConditionsThenTheOrder) {
  Rules rules(
      {{"/a/*", {}, {}, {}},
       {"/a/*", {"POST"}, {}, {}},
       {"/a/*", {"POST"}, {{"x-beta", std::nullopt}}, {}},
       {"/a/*", {}, {{"x-beta", "2"}}, {}},
       {"/a/b/*", {"DELETE"}, {}, {}},
       {"/a/*", {}, {}, {*AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("2001:db8::/32")}}});
  EXPECT_EQ(rules({"/a/x"}), "/a/*#0");
  EXPECT_EQ(rules({"/a/x", "POST"}), "/a/*#1");
  EXPECT_EQ(rules({"/a/x", "POST", {{"x-beta", "1"}}}), "/a/*#2");
  EXPECT_EQ(rules({"/a/x", "GET", {{"x-beta", "1"}}}), "/a/*#0");
  EXPECT_EQ(rules({"/a/x", "GET", {{"x-beta", "1"}, {"x-beta", "2"}}}), "/a/*#3") << "any line of that name";
  EXPECT_EQ(rules({"/a/b/c", "POST"}), "/a/*#1") << "a longer path whose conditions fail is no obstacle";
  EXPECT_EQ(rules({"/a/b/c", "DELETE"}), "/a/b/*#4");
  EXPECT_EQ(rules({"/a/x", "GET", {}, "10.9.8.7"}), "/a/*#5");
  EXPECT_EQ(rules({"/a/x", "GET", {}, "2001:db8::5"}), "/a/*#5");
  EXPECT_EQ(rules({"/a/x", "GET", {}, "11.0.0.1"}), "/a/*#0");
  EXPECT_EQ(rules({"/a/x", "GET", {}, "unix:"}), "/a/*#0");
  EXPECT_EQ(rules({"/a/x", "POST", {}, "10.9.8.7"}), "/a/*#1") << "as specific, and earlier";
}

TEST(RouteTable, GetIsHeadToo) {
  Rules rules({{"/a", {"GET"}, {}, {}}, {"/b", {"HEAD"}, {}, {}}, {"/c", {"PURGE"}, {}, {}}});
  EXPECT_EQ(rules({"/a", "HEAD"}), "/a#0");
  EXPECT_EQ(rules({"/b", "GET"}), "none");
  EXPECT_EQ(rules({"/c", "PURGE"}), "/c#2");
  EXPECT_EQ(rules({"/c", "purge"}), "none");
}

TEST(RouteTable, AWebSocketIsAGetWhicheverVersionAsks) {
  RouteRule rule = path("/*");
  rule.methods = {"GET"};
  Rules rules({rule});
  EXPECT_EQ(rules({"/", "CONNECT", {}, "192.0.2.1", "websocket"}), "/*#0");
  EXPECT_EQ(rules({"/", "CONNECT"}), "none");
}

TEST(RouteTable, NoDisguiseSlipsPastARule) {
  Rules rules({path("/*"), path("/admin/*"), path("/public/*")});
  EXPECT_EQ(rules({"/%61%64min/x"}), "/admin/*#1");
  for (const std::string_view disguise : {"/admin%2Fx", "/admin%5cx", "/admin\\x", "/admin;a=b", "/admin;/x",
                                          "/public/../admin", "/public/%2e%2e/admin", "/public%2f..%2fadmin",
                                          "/public/..;/admin", "//admin/x", "/%2Fadmin", "//public/admin"})
    EXPECT_EQ(rules({disguise}), "refused") << disguise;
  // Where every reader finds the same rule, nothing is refused.
  EXPECT_EQ(rules({"/admin//x"}), "/admin/*#1");
  EXPECT_EQ(rules({"/admin/a%2Fb"}), "/admin/*#1");
  EXPECT_EQ(rules({"/public/http://example.com/x.png"}), "/public/*#2");
  EXPECT_EQ(rules({"/other%2Fx;y"}), "/*#0");
}

TEST(RouteTable, PathsAreWrittenInOneForm) {
  for (const std::string_view good :
       {"/", "/*", "/a", "/a/", "/a/*", "/größe/*", "/a b", "/.well-known/*", "/a/*"})
    EXPECT_EQ(check_route_path(good), "") << good;
  for (const std::string_view bad :
       {"", "a", "*", "/a*", "/*/a", "/a/*/b", "/a/**", "//", "/a//b", "//*", "/./a", "/a/..", "/../*",
        "/%61", "/a;b", "/a\\b", "/a?b", "/a#b", "/a\nb"})
    EXPECT_NE(check_route_path(bad), "") << bad;
  EXPECT_NE(check_route_path("/" + std::string(1024, 'a')), "");
}

}  // namespace
}  // namespace sally::handler
