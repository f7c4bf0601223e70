// Answers as the client sees them: framing, windows, back-pressure, broken promises.
#include <gtest/gtest.h>

#include "proto/http2/answer_fields.h"
#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

/// Gives `text` in pieces as the test releases them.
class Dripping final : public http::BodySource {
 public:
  struct Tap {
    std::string released;
    bool over = false, fails = false;
    http::Waker* waker = nullptr;
    std::size_t most_wanted = 0;
    bool gone = false;
  };
  explicit Dripping(Tap& tap) : tap_(tap) {}
  ~Dripping() override { tap_.gone = true; }
  Result<http::BodyView> view(std::size_t want) override {
    tap_.most_wanted = std::max(tap_.most_wanted, want);
    if (tap_.fails) return fail(http::kBodyTooLarge, "made to fail");
    return http::BodyView{as_bytes(std::string_view(tap_.released).substr(0, want)),
                          tap_.over && tap_.released.size() <= want};
  }
  void consume(std::size_t n) override { tap_.released.erase(0, n); }
  void wake_with(http::Waker& waker) override { tap_.waker = &waker; }

 private:
  Tap& tap_;
};

void answer_from(http::Exchange& x, Dripping::Tap& tap, std::optional<std::uint64_t> length) {
  x.response.status = 200;
  x.response.body = http::Body::from(std::make_unique<Dripping>(tap), length);
  x.respond();
}

TEST(Http2Answer, LargerThanTheWindowWaitsForIt) {
  const std::string body(200'000, 'b');
  TestConnection c([&](http::Exchange& x) { x.respond_text(200, "text/plain", body); });
  c.hello(setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000));
  c.request(1, get());
  EXPECT_EQ(c.got.streams[1].body.size(), 1000u);
  EXPECT_EQ(c.codec().waiting(), CodecWait::send);
  c.feed(frame(NGHTTP2_WINDOW_UPDATE, 0, 1, octets_of(1'000'000, 4)));
  EXPECT_EQ(c.got.streams[1].body.size(), 65'535u) << "the connection's window";
  c.feed(frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(1'000'000, 4)));
  EXPECT_EQ(c.got.streams[1].body, body);
  EXPECT_TRUE(c.got.streams[1].ended);
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
}

TEST(Http2Answer, GoesThroughASmallSinkWhole) {
  const std::string body(30'000, 'b');  // two of them fit the first window
  for (const std::size_t room : {1, 2, 9, 10, 100, 521, 700, 5000}) {
    TestConnection c(
        [&](http::Exchange& x) { x.respond_text(200, "text/plain", room < 600 ? "small" : body); });
    c.room_each = room;
    c.hello();
    std::string requests = c.packer().headers(1, get());
    requests += c.packer().headers(3, get());
    c.feed(requests);
    for (int i = 0; i < 200 && c.log.size() < 2; ++i) c.turn();
    if (room < 9 + 5) {  // a DATA frame is never cut: such a sink holds the answer back
      EXPECT_EQ(c.codec().waiting(), CodecWait::send) << room;
      continue;
    }
    EXPECT_EQ(c.log.size(), 2u) << room;
    EXPECT_EQ(c.got.streams[3].body.size(), room < 600 ? 5u : body.size()) << room;
    EXPECT_FALSE(c.overrun) << room;
    EXPECT_FALSE(c.got.mid_frame()) << room;
  }
}

TEST(Http2Answer, FromASourceThatHasToWait) {
  Dripping::Tap tap;
  TestConnection c([&](http::Exchange& x) { answer_from(x, tap, std::nullopt); });
  c.hello();
  c.request(1, get());
  EXPECT_EQ(c.got.streams[1].field(":status"), "200");
  EXPECT_EQ(c.got.streams[1].field("content-length"), "");
  EXPECT_EQ(c.codec().waiting(), CodecWait::response) << "not the client's turn";
  tap.released = "one ";
  tap.waker->wake();
  EXPECT_TRUE(c.sendable);
  c.turn();
  EXPECT_EQ(c.got.streams[1].body, "one ");
  EXPECT_FALSE(c.got.streams[1].ended);
  tap.released = "two";
  tap.over = true;
  tap.waker->wake();
  tap.waker->wake();
  c.turn();
  EXPECT_EQ(c.got.streams[1].body, "one two");
  EXPECT_TRUE(c.got.streams[1].ended);
  EXPECT_TRUE(tap.gone);
  EXPECT_LE(tap.most_wanted, 16'384u);
}

TEST(Http2Answer, WithAnEmptyEndAndWithTrailers) {
  Dripping::Tap tap;
  for (const bool content : {false, true}) {
    tap = {};
    if (content) tap.released = "body";
    tap.over = true;
    TestConnection c([&](http::Exchange& x) {
      x.response.trailers.add("sum", "42");
      answer_from(x, tap, std::nullopt);
    });
    c.hello();
    c.request(1, get());
    EXPECT_EQ(c.got.streams[1].body, content ? "body" : "");
    EXPECT_TRUE(c.got.streams[1].ended);
    EXPECT_EQ(c.got.streams[1].trailers, (Headers{{"sum", "42"}}));
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].failure, "");
  }
}

TEST(Http2Answer, ThatBreaksItsPromiseIsNeverAShortSuccess) {
  struct Case {
    const char* what;
    Dripping::Tap tap;
    std::uint64_t length;
  };
  const Case cases[] = {
      {"too short", {"abc", true}, 10}, {"too long", {"abcdef", true}, 3}, {"fails", {"", false, true}, 3}};
  for (const Case& k : cases) {
    Dripping::Tap tap = k.tap;
    TestConnection c([&](http::Exchange& x) { answer_from(x, tap, k.length); });
    c.hello();
    c.request(1, get());
    EXPECT_EQ(c.got.streams[1].reset, NGHTTP2_INTERNAL_ERROR) << k.what;
    EXPECT_FALSE(c.got.streams[1].ended) << k.what;
    ASSERT_EQ(c.log.size(), 1u) << k.what;
    EXPECT_NE(c.log[0].failure, "") << k.what;
    EXPECT_TRUE(c.got.goaways.empty()) << k.what;
  }
}

TEST(Http2Answer, AbortedInTheMiddleIsReset) {
  Dripping::Tap tap;
  tap.released = "half";
  TestConnection c([&](http::Exchange& x) { answer_from(x, tap, std::nullopt); });
  c.hello();
  c.request(1, get());
  c.open.at(1)->abort(Error(http::kBodyTooLarge, {}, "upstream went", std::source_location::current()));
  c.turn();
  EXPECT_EQ(c.got.streams[1].reset, NGHTTP2_INTERNAL_ERROR);
  EXPECT_EQ(c.log.at(0).failure, "http.body_too_large");
  for (std::uint32_t id = 3; id < 1000; id += 2) {  // our own resets are no flood of the client's
    c.request(id, get());
    c.open.at(id)->abort(Error(http::kBodyTooLarge, {}, "", std::source_location::current()));
    c.turn();
  }
  EXPECT_TRUE(c.got.goaways.empty());
}

TEST(Http2Answer, HeadAndStatusesWithoutContent) {
  TestConnection c([](http::Exchange& x) {
    if (x.request.path == "/204" || x.request.path == "/304") {
      x.response.status = x.request.path == "/204" ? 204 : 304;
      return x.respond();
    }
    x.respond_text(200, "text/plain", "12345");
  });
  c.hello();
  Headers head = get();
  head[0].value = "HEAD";
  c.request(1, head);
  EXPECT_EQ(c.got.streams[1].field("content-length"), "5");
  EXPECT_EQ(c.got.streams[1].body, "");
  EXPECT_TRUE(c.got.streams[1].ended);
  c.request(3, get("/204"));
  EXPECT_EQ(c.got.streams[3].field(":status"), "204");
  EXPECT_EQ(c.got.streams[3].field("content-length"), "");
  c.request(5, get("/304"));
  EXPECT_EQ(c.got.streams[5].field(":status"), "304");
  EXPECT_TRUE(c.got.streams[5].ended);
  EXPECT_TRUE(c.got.data_order.empty());
}

TEST(Http2Answer, PreparedAndAddedFieldsStandInTheirOrder) {
  http::PreparedFields prepared, added;
  prepared.fields.add("content-type", "text/css");
  prepared.fields.add("content-length", "3");
  added.fields.add("strict-transport-security", "max-age=1");
  TestConnection c([&](http::Exchange& x) {
    x.response.status = 200;
    x.response.prepared = &prepared;
    x.added = &added;
    x.response.fields.add("vary", "accept-encoding");
    x.response.body = http::Body::text("abc");
    x.respond();
  });
  c.hello();
  c.request(1, get());
  EXPECT_EQ(c.got.streams[1].head, (Headers{{":status", "200"},
                                            {"content-type", "text/css"},
                                            {"content-length", "3"},
                                            {"vary", "accept-encoding"},
                                            {"strict-transport-security", "max-age=1"},
                                            {"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                            {"server", "sallyport"}}));
}

TEST(Http2Answer, WithWhatHttp2ForbidsBecomesA500) {
  const Header bad[] = {{"connection", "close"},  {"transfer-encoding", "chunked"},
                        {"date", "now"},          {"Upper", "1"},
                        {"x", "a\r\nb: c"},       {"", "1"},
                        {"content-length", "77"}, {"x y", "1"}};
  for (const Header& b : bad) {
    TestConnection c([&](http::Exchange& x) {
      x.response.fields.add(b.name, b.value);
      x.respond_text(200, "text/plain", "abc");
    });
    c.hello();
    c.request(1, get());
    EXPECT_EQ(c.got.streams[1].field(":status"), "500") << b.name;
    EXPECT_EQ(c.got.streams[1].body, "");
    EXPECT_EQ(c.log.at(0).failure, "http2.bad_answer") << b.name;
  }
}

TEST(Http2Answer, ManyFieldsSpillFromTheStack) {
  std::vector<std::string> names;
  for (int i = 0; i < 90; ++i) names.push_back("x-" + std::to_string(i));
  TestConnection c([&](http::Exchange& x) {
    for (const std::string& n : names) x.response.fields.add(n, n);
    x.respond_text(200, "text/plain", "");
  });
  c.hello();
  c.request(1, get());
  for (const std::string& n : names) EXPECT_EQ(c.got.streams[1].field(n), n);
}

TEST(Http2Answer, InterimsComeBeforeIt) {
  TestConnection c([](http::Exchange& x) {
    http::Fields hints;
    const std::string link = "</a.css>; rel=preload";  // gone after the call
    hints.add("link", link);
    x.send_interim(103, std::move(hints));
    http::Fields none;
    x.send_interim(101, none);
    x.respond_text(200, "text/plain", "ok");
  });
  c.hello();
  c.request(1, get());
  ASSERT_EQ(c.got.streams[1].interims.size(), 1u);
  EXPECT_EQ(c.got.streams[1].interims[0], (Headers{{":status", "103"}, {"link", "</a.css>; rel=preload"}}));
  EXPECT_EQ(c.got.streams[1].body, "ok");
}

TEST(Http2Answer, BeforeTheRequestsEndLetsAShortRestCome) {
  TestConnection c([](http::Exchange& x) { x.respond_text(403, "text/plain", "no"); });
  c.hello();
  c.request(1, post(), false);
  EXPECT_EQ(c.got.streams[1].body, "no");
  EXPECT_TRUE(c.got.streams[1].ended);
  c.feed(frame(NGHTTP2_DATA, 0, 1, std::string(16'000, 'a')));
  EXPECT_TRUE(c.log.empty());
  c.feed(frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "b"));
  EXPECT_EQ(c.got.streams[1].reset, std::nullopt);
  EXPECT_TRUE(c.got.goaways.empty());
  EXPECT_EQ(c.log.at(0).failure, "");
  c.request(3, get());
  EXPECT_EQ(c.got.streams[3].body, "no");
}

TEST(Http2Answer, BeforeTheRequestsEndStopsALongRestKindly) {
  http::HttpLimits limits;
  limits.unread_body_bytes = 20'000;
  TestConnection c([](http::Exchange& x) { x.respond_text(403, "text/plain", "no"); }, limits);
  c.hello();
  c.request(1, post(), false);
  c.feed(frame(NGHTTP2_DATA, 0, 1, std::string(16'000, 'a')));
  EXPECT_EQ(c.got.streams[1].reset, std::nullopt);
  c.feed(frame(NGHTTP2_DATA, 0, 1, std::string(16'000, 'a')));
  EXPECT_EQ(c.got.streams[1].reset, NGHTTP2_NO_ERROR);
  c.feed(frame(NGHTTP2_DATA, 0, 1, std::string(16'000, 'a')));  // was on its way
  EXPECT_TRUE(c.got.goaways.empty());
  EXPECT_EQ(c.log.at(0).failure, "");
  c.request(3, get());
  EXPECT_EQ(c.got.streams[3].body, "no");
}

TEST(Http2Answer, ThatIsWholeIsNoFailureWhenTheClientThenResets) {
  TestConnection c([](http::Exchange& x) { x.respond_text(403, "text/plain", "no"); });
  c.hello();
  c.request(1, post({{"content-length", "1000000"}}), false);
  EXPECT_TRUE(c.got.streams[1].ended);
  EXPECT_EQ(c.got.streams[1].reset, std::nullopt) << "some of it may still come";
  EXPECT_EQ(c.codec().waiting(), CodecWait::body);
  c.feed(frame(NGHTTP2_RST_STREAM, 0, 1, octets_of(NGHTTP2_CANCEL, 4)));
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "");
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http2Answer, InsteadOfA100EndsTheStream) {
  TestConnection c([](http::Exchange& x) { x.respond_text(403, "text/plain", "no"); });
  c.hello();
  c.request(1, post({{"expect", "100-continue"}}), false);
  EXPECT_EQ(c.got.streams[1].body, "no");
  EXPECT_EQ(c.got.streams[1].reset, NGHTTP2_NO_ERROR);
}

TEST(Http2Answer, LeavesInLargeFrames) {
  TestConnection c([](http::Exchange& x) { x.respond_text(200, "text/plain", std::string(60'000, 'a')); });
  c.hello();
  c.request(1, get());
  EXPECT_EQ(c.got.largest_data, 16'384u);
  EXPECT_EQ(c.got.data_order.size(), 4u);
}

}  // namespace
}  // namespace sally::http2
