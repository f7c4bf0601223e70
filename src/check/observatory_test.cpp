#include "check/observatory.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sally::check {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

Observations seen_with(Fields fields) {
  Observations out;
  out.page.emplace();
  out.page->chain.end = Chain::End::answered;
  out.page->chain.hops.push_back({"https://www.example.com/", {200, std::move(fields)}});
  return out;
}

Observatory judged(const Observations& seen, std::span<const Finding> findings = {}) {
  Target target;
  target.host = "www.example.com";
  return observatory_of(target, seen, findings).value();
}

int points(const Observatory& o, std::string_view test) {
  const auto row = std::ranges::find(o.rows, test, &ObservatoryRow::test);
  return row == o.rows.end() ? 1000 : row->points;
}

int points_for(Fields fields, std::string_view test) {
  return points(judged(seen_with(std::move(fields))), test);
}

TEST(Observatory, NothingIsSent) {
  const Observatory o = judged(seen_with({}));
  EXPECT_EQ(points(o, "content-security-policy"), -25);
  EXPECT_EQ(points(o, "strict-transport-security"), -20);
  EXPECT_EQ(points(o, "x-frame-options"), -20);
  EXPECT_EQ(points(o, "x-content-type-options"), -5);
  EXPECT_EQ(o.score, 30u);
  EXPECT_EQ(o.grade, "D");
}

TEST(Observatory, EverythingIsSent) {
  const Observatory o =
      judged(seen_with({{"content-security-policy",
                         "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'"},
                        {"strict-transport-security", "max-age=63072000"},
                        {"x-content-type-options", "nosniff"},
                        {"referrer-policy", "no-referrer"},
                        {"cross-origin-opener-policy", "same-origin"}}));
  EXPECT_EQ(o.score, 100u + 10 + 5 + 5 + 10);
  EXPECT_EQ(o.grade, "A+");
}

TEST(Observatory, ABonusIsForThoseWithNinety) {
  const Observatory o =
      judged(seen_with({{"content-security-policy", "default-src 'none'; frame-ancestors 'none'"}}));
  EXPECT_EQ(o.score, 75u) << "-20 for HSTS, -5 for sniffing, and no bonus";
}

TEST(Observatory, Cookies) {
  const std::pair<std::string, std::string> hsts = {"strict-transport-security", "max-age=63072000"};
  EXPECT_EQ(points_for({}, "cookies"), 0);
  EXPECT_EQ(points_for({{"set-cookie", "sessid=1; Secure; HttpOnly; SameSite=Lax"}}, "cookies"), 5);
  EXPECT_EQ(points_for({{"set-cookie", "a=1; Secure"}}, "cookies"), 0);
  EXPECT_EQ(points_for({{"set-cookie", "a=1"}}, "cookies"), -20);
  EXPECT_EQ(points_for({{"set-cookie", "a=1"}, hsts}, "cookies"), -5);
  EXPECT_EQ(points_for({{"set-cookie", "sessid=1; HttpOnly"}}, "cookies"), -40);
  EXPECT_EQ(points_for({{"set-cookie", "sessid=1; Secure"}}, "cookies"), -30);
  EXPECT_EQ(points_for({{"set-cookie", "csrf=1; Secure"}}, "cookies"), -20);
}

TEST(Observatory, Cors) {
  EXPECT_EQ(points_for({{"access-control-allow-origin", "*"}}, "cross-origin-resource-sharing"), 0);
  EXPECT_EQ(points_for({{"access-control-allow-origin", "https://sallyport-check.invalid"},
                        {"access-control-allow-credentials", "true"}},
                       "cross-origin-resource-sharing"),
            -50);
}

TEST(Observatory, Redirection) {
  const auto of = [](Chain::End end, std::size_t hops, std::string next = {}) {
    Observations seen = seen_with({});
    seen.plain_http.emplace();
    seen.plain_http->answer = HttpAnswer{301, {}};
    seen.plain_http->chain.end = end;
    seen.plain_http->chain.next = std::move(next);
    seen.plain_http->chain.hops.resize(hops);
    return points(judged(seen), "redirection");
  };
  EXPECT_EQ(of(Chain::End::to_https, 1), 0);
  EXPECT_EQ(of(Chain::End::to_https, 2), -10);
  EXPECT_EQ(of(Chain::End::elsewhere, 1, "https://example.com/"), -5);
  EXPECT_EQ(of(Chain::End::elsewhere, 1, "http://example.com/"), -20);
  EXPECT_EQ(of(Chain::End::answered, 1), -20);
}

TEST(Observatory, ACertificateThatIsNotTrusted) {
  constexpr FindingKind kUntrusted{"chain_of_trust", Severity::high, Grade::t, "", "", ""};
  const Finding findings[] = {{&kUntrusted, ""}};
  const Observatory o = judged(seen_with({{"strict-transport-security", "max-age=63072000"}}), findings);
  EXPECT_EQ(points(o, "strict-transport-security"), -20);
}

TEST(Observatory, Integrity) {
  Observations seen = seen_with({});
  seen.page->parts.emplace();
  seen.page->parts->scripts = {{"https://cdn.example/a.js", false, false}};
  EXPECT_EQ(points(judged(seen), "subresource-integrity"), -5);
  seen.page->parts->scripts[0].has_integrity = true;
  EXPECT_EQ(points(judged(seen), "subresource-integrity"), 5);
  seen.page->parts->scripts[0] = {"http://cdn.example/a.js", false, false};
  EXPECT_EQ(points(judged(seen), "subresource-integrity"), -50);
}

TEST(Observatory, Letters) {
  EXPECT_EQ(observatory_grade(130), "A+");
  EXPECT_EQ(observatory_grade(95), "A");
  EXPECT_EQ(observatory_grade(75), "B");
  EXPECT_EQ(observatory_grade(25), "D-");
  EXPECT_EQ(observatory_grade(20), "F");
  EXPECT_EQ(observatory_grade(0), "F");
}

}  // namespace
}  // namespace sally::check
