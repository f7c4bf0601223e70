#include "handler/routes.h"

#include <gtest/gtest.h>

#include "handler/respond.h"

namespace sally::handler {
namespace {

/// Says what it was asked for.
class Echo final : public http::Handler {
 public:
  explicit Echo(std::string name) : name_(std::move(name)) {}
  bool answer_now(http::Exchange& x) override {
    x.response.fields.add("x-made-by", "echo");
    x.respond_text(200, "text/plain", name_ + " " + std::string(x.request.path));
    return true;
  }
  Task<Result<Unit>> handle(http::Exchange& x) override {
    answer_now(x);
    co_return Unit{};
  }

 private:
  std::string name_;
};

using Edits = std::map<std::string, std::string>;

RouteRule path(std::string text) { return {std::move(text), {}, {}, {}}; }

class RoutesTest : public testing::Test {
 protected:
  void add(RouteRule rule, std::string_view name, PathChange change = {}) {
    rules_.push_back(std::move(rule));
    Route& route = routes_.emplace_back();
    if (!name.empty()) route.handler = std::make_unique<Echo>(std::string(name));
    route.path = std::move(change);
  }
  /// The body, or the status of an error page.
  std::string ask(std::string_view raw) {
    if (!made_)
      made_ =
          std::make_unique<Routes>(RouteTable(std::move(rules_)), std::move(routes_), std::move(fallback_));
    x = std::make_unique<http::Exchange>(1024);
    x->request.path = raw;
    x->request.method_text = "GET";
    x->added = &site_fields_;
    EXPECT_TRUE(made_->pick(*x).answer_now(*x));
    if (x->response.status != 200) return std::to_string(x->response.status);
    return std::string(as_text(x->response.body.view(1000)->bytes));
  }

  std::vector<RouteRule> rules_;
  std::vector<Route> routes_;
  std::unique_ptr<http::Handler> fallback_;
  std::unique_ptr<Routes> made_;
  http::PreparedFields site_fields_;
  std::unique_ptr<http::Exchange> x;
};

TEST_F(RoutesTest, WithoutAFallbackTheRestIsNotFound) {
  add(path("/a/*"), "a");
  EXPECT_EQ(ask("/a/b"), "a /a/b");
  EXPECT_EQ(ask("/b"), "404");
}

TEST_F(RoutesTest, TheSiteAnswersTheRest) {
  fallback_ = std::make_unique<Echo>("site");
  add(path("/a/*"), "a");
  add(path("/c/*"), "", PathChange(true, ""));
  EXPECT_EQ(ask("/b"), "site /b");
  EXPECT_EQ(ask("/c/x"), "site /x") << "a route without a handler changes what the site's sees";
}

TEST_F(RoutesTest, APathWithTwoMeaningsIsRefused) {
  add(path("/a/*"), "a");
  EXPECT_EQ(ask("/a%2fb"), "400");
  EXPECT_EQ(x->failure, "handler.ambiguous_path");
}

TEST_F(RoutesTest, ThePrefixIsTakenOff) {
  add(path("/a/b/*"), "a", PathChange(true, ""));
  EXPECT_EQ(ask("/a/b/c/d%20e"), "a /c/d%20e");
  EXPECT_EQ(x->request.asked(), "/a/b/c/d%20e");
  EXPECT_EQ(ask("/a/b"), "a /");
  EXPECT_EQ(ask("/a/b/"), "a /");
  EXPECT_EQ(ask("/%61/b/c"), "a /c") << "however it is written";
  EXPECT_EQ(ask("/a/b//evil.example/x"), "a /evil.example/x") << "no host's name is left over";
}

TEST_F(RoutesTest, ThePathIsRewritten) {
  add(path("/a/*"), "a", PathChange(true, "/v2{path}"));
  add(path("/b/*"), "b", PathChange(false, "/index.php"));
  add(path("/c/*"), "c", PathChange(false, "{path}.html"));
  EXPECT_EQ(ask("/a/x"), "a /v2/x");
  EXPECT_EQ(ask("/b/x/y"), "b /index.php");
  EXPECT_EQ(ask("/c/x"), "c /c/x.html");
  EXPECT_EQ(x->request.asked(), "/c/x");
}

TEST_F(RoutesTest, RewritesAreChecked) {
  for (const std::string_view good : {"/", "/a", "/a{path}", "{path}.html", "/a{path}/b", "/a%20b"})
    EXPECT_EQ(check_rewrite(good), "") << good;
  for (const std::string_view bad : {"", "a", "{path}", "/{path}", "/a/{path}", "/a{path}{path}", "/a{query}",
                                     "/a?b", "/a#b", "/a b", "/%2", "//a"})
    EXPECT_NE(check_rewrite(bad), "") << bad;
}

TEST_F(RoutesTest, FieldsChangeInBothDirections) {
  add(path("/a/*"), "a");
  routes_[0].request_fields = FieldEdits(Edits{{"x-in", "{method}"}});
  routes_[0].response_fields = ResponseEdits(FieldEdits(Edits{{"X-Made-By", ""}, {"x-out", "{path}"}}));
  auto added = std::make_unique<http::PreparedFields>();
  const http::PreparedFields* const own = added.get();
  routes_[0].added = std::move(added);
  ask("/a/b");
  EXPECT_EQ(x->request.fields.first("x-in"), "GET");
  EXPECT_EQ(x->response.fields.first("x-out"), "/a/b");
  EXPECT_EQ(x->response.fields.count("x-made-by"), 0U);
  EXPECT_EQ(x->added, own);
  ask("/b");
  EXPECT_EQ(x->added, &site_fields_);
  EXPECT_EQ(x->response.fields.count("x-out"), 0U);
}

}  // namespace
}  // namespace sally::handler
