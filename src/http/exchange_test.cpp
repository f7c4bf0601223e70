#include "http/exchange.h"

#include <gtest/gtest.h>

#include "http/exchange_pool.h"
#include "http/status.h"

namespace sally::http {
namespace {

struct Owner final : ExchangeOwner {
  void response_ready(Exchange&) override { ++ready; }
  void body_ready(Exchange&) override { ++body; }
  void interim_ready(Exchange&) override { ++interim; }
  void abort(Exchange&, Error why) override { aborted = why.kind().id; }
  int ready = 0, body = 0, interim = 0;
  std::string aborted;
};

TEST(Exchange, TellsItsOwnerOnce) {
  Owner owner;
  Exchange x(1024);
  x.owned_by(owner);
  x.send_interim(103, {});
  x.respond_text(404, "text/plain", "no");
  x.respond();
  x.send_interim(103, {});
  x.wake();
  EXPECT_EQ(owner.ready, 1);
  EXPECT_EQ(owner.interim, 1);
  EXPECT_EQ(owner.body, 1);
  EXPECT_EQ(x.response.status, 404);
  EXPECT_EQ(x.response.body.length(), 2u);
  EXPECT_EQ(x.response.fields.first("content-type"), "text/plain");
}

TEST(Exchange, ComesBackFromThePoolAsNew) {
  Owner owner;
  ExchangePool pool(1024, 1);
  auto x = pool.take();
  Exchange* const first = x.get();
  EXPECT_EQ(pool.open(), 1u);
  x->owned_by(owner);
  x->request.fields.add("a", x->arena.copy("b"));
  x->request.host = "example.com";
  x->request.content_length = 5;
  x->request.has_body = true;
  x->failure = "test.gone";
  x->request_body.limit_total(1);
  x->send_interim(103, {});
  x->respond_text(200, "text/plain", "hello");
  pool.give(std::move(x));
  EXPECT_EQ(pool.open(), 0u);

  x = pool.take();
  EXPECT_EQ(x.get(), first);
  EXPECT_TRUE(x->request.fields.empty());
  EXPECT_TRUE(x->response.fields.empty());
  EXPECT_TRUE(x->request.host.empty());
  EXPECT_FALSE(x->request.content_length);
  EXPECT_FALSE(x->request.has_body);
  EXPECT_FALSE(x->responded());
  EXPECT_FALSE(x->interim);
  EXPECT_EQ(x->failure, "");
  EXPECT_EQ(x->response.status, 0);
  EXPECT_TRUE(x->response.body.is_empty());
  EXPECT_EQ(x->arena.used(), 0u);
  EXPECT_EQ(x->request_body.total_limit(), 0u);
  x->respond();  // no owner: tells nobody
  EXPECT_EQ(owner.ready, 1);
  pool.give(std::move(x));
}

TEST(Exchange, ThePoolKeepsNoMoreThanItShould) {
  ExchangePool pool(1024, 1);
  auto a = pool.take(), b = pool.take();
  Exchange* const kept = a.get();
  pool.give(std::move(a));
  pool.give(std::move(b));
  EXPECT_EQ(pool.take().get(), kept);
}

TEST(Body, MemoryGivesItsBytesInPieces) {
  Body b = Body::text("hello");
  EXPECT_EQ(b.length(), 5u);
  const auto piece = b.view(3);
  ASSERT_TRUE(piece);
  EXPECT_EQ(as_text(piece->bytes), "hel");
  EXPECT_FALSE(piece->end);
  b.consume(3);
  const auto rest = b.view(3);
  ASSERT_TRUE(rest);
  EXPECT_EQ(as_text(rest->bytes), "lo");
  EXPECT_TRUE(rest->end);
}

TEST(Body, NothingIsAnEmptyBody) {
  Body bodies[] = {Body(), Body::text("")};
  for (Body& b : bodies) {
    EXPECT_TRUE(b.is_empty());
    EXPECT_EQ(b.length(), 0u);
    const auto view = b.view(1);
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->end);
  }
}

TEST(Method, KnowsTheNamesExactly) {
  for (int m = 0; m < static_cast<int>(Method::other); ++m)
    EXPECT_EQ(method_from(method_text(static_cast<Method>(m))), static_cast<Method>(m));
  for (const std::string_view text : {"", "get", "GETS", "GE", "BREW"})
    EXPECT_EQ(method_from(text), Method::other);
  EXPECT_TRUE(is_safe(Method::get));
  EXPECT_FALSE(is_safe(Method::put));
  EXPECT_TRUE(is_idempotent(Method::put));
  EXPECT_FALSE(is_idempotent(Method::post));
}

TEST(Status, HasPhrases) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_TRUE(forbids_content(304));
  EXPECT_FALSE(forbids_content(205));
}

}  // namespace
}  // namespace sally::http
