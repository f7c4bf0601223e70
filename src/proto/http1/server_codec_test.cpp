#include "proto/http1/server_codec.h"

#include <gtest/gtest.h>

#include "proto/http1/test_connection.h"

namespace sally::http1 {
namespace {

TEST(Http1Codec, AnswersOneRequest) {
  TestConnection c(say_path);
  c.feed("GET /a?b HTTP/1.1\r\nHost: Example.com:8443\r\n\r\n");
  EXPECT_EQ(c.out, said("/a"));
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].host, "example.com");
  EXPECT_EQ(c.log[0].sent_body_bytes, 5u);
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
  EXPECT_FALSE(c.codec().finished());
}

TEST(Http1Codec, SameAnswersHoweverRequestsAreCut) {
  const std::string requests =
      std::string(kGet) + "\r\nPOST /b HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello" +
      "POST /c HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n" +
      "3;a=\"b\\\"c\" ; d = e\r\nabc\r\n00D\r\ndefghijklmnop\r\n0\r\nX-Sum: 1\r\nCookie: no\r\n\r\n" +
      "HEAD /d HTTP/1.1\r\n" HOST "\r\nGET /e HTTP/1.0\r\n\r\n";
  std::string whole;
  for (std::size_t cut = requests.size(); cut > 0; --cut) {
    TestConnection c(echo);
    c.feed(requests, cut);
    EXPECT_EQ(c.error, "");
    ASSERT_EQ(c.log.size(), 5u) << cut;
    if (whole.empty()) whole = c.out;
    ASSERT_EQ(c.out, whole) << cut;
    EXPECT_TRUE(c.codec().finished());
  }
  EXPECT_NE(whole.find("\r\n\r\nhelloHTTP/1.1 200"), std::string::npos);
  EXPECT_NE(whole.find("\r\n\r\nabcdefghijklmnop|x-sum=1HTTP/1.1 200"), std::string::npos);
}

TEST(Http1Codec, SameAnswersHoweverLittleRoomThereIs) {
  const std::string requests =
      std::string(kGet) + "POST /b HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
  for (std::size_t room = 1; room < 400; room += room < 40 ? 1 : 37) {
    TestConnection c(echo);
    c.room_each = room;
    c.feed(requests);
    EXPECT_FALSE(c.overrun);
    ASSERT_EQ(c.log.size(), 2u);
    EXPECT_TRUE(c.out.ends_with("\r\n\r\nhello")) << room;
  }
}

TEST(Http1Codec, AnswersPipelinedRequestsInOrderOneAtATime) {
  std::size_t open = 0;
  TestConnection c([&](http::Exchange& x) { ++open, say_path(x); });
  std::string requests, answers;
  for (int i = 0; i < 40; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\n" HOST "\r\n";
    answers += said("/" + std::to_string(i));
  }
  c.feed(requests);
  EXPECT_EQ(c.out, answers);
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http1Codec, LeavesPipelinedRequestsUnreadWhileAnAnswerIsMade) {
  TestConnection c([](http::Exchange&) {});
  c.feed(std::string(kGet) + std::string(kGet));
  EXPECT_EQ(c.left(), kGet);
  EXPECT_EQ(c.codec().waiting(), CodecWait::response);
  http::Exchange* const first = c.open;
  say_path(*first);
  EXPECT_TRUE(c.sendable);
  c.turn();
  EXPECT_EQ(c.left(), "");
  EXPECT_EQ(c.log.size(), 1u);
}

TEST(Http1Codec, TakesTheFormsOfTargets) {
  struct Case {
    std::string_view line, authority, host, path, query;
  };
  constexpr Case kCases[] = {
      {"GET /a/%41b?x=%&y=?", "a", "a", "/a/%41b", "x=%&y=?"},
      {"GET //x", "a", "a", "//x", ""},
      {"GET /|{\"}", "a", "a", "/|{\"}", ""},
      {"GET http://B.Example:81/c?d", "B.Example:81", "b.example", "/c", "d"},
      {"GET HTTP://b", "b", "b", "/", ""},
      {"GET http://b?d", "b", "b", "/", "d"},
      {"OPTIONS *", "a", "a", "*", ""},
      {"OPTIONS http://b", "b", "b", "*", ""},
      {"OPTIONS http://b/", "b", "b", "/", ""},
      {"GET http://[2001:DB8::1]:8443/", "[2001:DB8::1]:8443", "2001:db8::1", "/", ""},
      {"CONNECT b.example:443", "b.example:443", "b.example", "", ""},
      {"BREW /pot", "a", "a", "/pot", ""},
  };
  for (const Case& k : kCases) {
    bool called = false;
    TestConnection c([&](http::Exchange& x) {
      called = true;
      EXPECT_EQ(x.request.authority, k.authority);
      EXPECT_EQ(x.request.host, k.host);
      EXPECT_EQ(x.request.path, k.path);
      EXPECT_EQ(x.request.query, k.query);
      EXPECT_EQ(x.request.fields.first("host"), k.authority);
      EXPECT_EQ(x.request.scheme, "http");
      x.respond_text(200, "text/plain", "");
    });
    c.feed(std::string(k.line) + " HTTP/1.1\r\n" HOST "\r\n");
    EXPECT_TRUE(called) << k.line;
  }
}

TEST(Http1Codec, KeepsOrEndsTheConnectionAsBothSidesWant) {
  struct Case {
    std::string_view head;
    bool stays;
    std::string_view said;
  };
  constexpr Case kCases[] = {
      {"GET / HTTP/1.1\r\n" HOST, true, ""},
      {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n", false, "connection: close\r\n"},
      {"GET / HTTP/1.1\r\n" HOST "Connection: x\r\nConnection: y, Close\r\n", false, "connection: close\r\n"},
      {"GET / HTTP/1.1\r\n" HOST "Connection: keep-alive\r\n", true, ""},
      {"GET / HTTP/1.0\r\n", false, "connection: close\r\n"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n", true, "connection: keep-alive\r\n"},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n", false, "connection: close\r\n"},
      {"CONNECT a:1 HTTP/1.1\r\n" HOST, false, "connection: close\r\n"},
  };
  for (const Case& k : kCases) {
    TestConnection c([](http::Exchange& x) { x.respond_text(404, "text/plain", "no"); });
    c.feed(std::string(k.head) + "\r\n");
    EXPECT_EQ(c.codec().finished(), !k.stays) << k.head;
    EXPECT_TRUE(c.out.ends_with(std::string(kStamp) + std::string(k.said) + "\r\nno")) << c.out;
  }
}

TEST(Http1Codec, EndsAfterSoManyRequests) {
  http::HttpLimits limits;
  limits.requests_per_connection = 2;
  TestConnection c(say_path, limits);
  c.feed(std::string(kGet) + std::string(kGet) + std::string(kGet));
  EXPECT_EQ(c.out, said("/a") + said("/a", "connection: close\r\n"));
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, NoViewOutlivesTheBytesItCameIn) {
  std::string_view path;
  TestConnection c([&](http::Exchange& x) { path = x.request.path; });
  c.feed(kGet);  // the harness frees the bytes after receive(); AddressSanitizer watches
  EXPECT_EQ(path, "/a");
}

// --- bodies of requests

TEST(Http1Codec, HoldsBackWhatTheHandlerDoesNotTake) {
  TestConnection c([](http::Exchange&) {}, {}, 1024);
  const std::string body(5000, 'x');
  c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5000\r\n\r\n" + body);
  EXPECT_EQ(c.left().size(), 5000u - 1024u);
  EXPECT_EQ(c.codec().waiting(), CodecWait::response);
  c.open->request_body.consume(1000);
  EXPECT_TRUE(c.sendable);
  c.turn();
  EXPECT_EQ(c.left().size(), 5000u - 2024u);
}

TEST(Http1Codec, BodyLargerThanThePipeReachesAReadingHandler) {
  for (const std::size_t step : {std::size_t{7}, std::size_t{1000}}) {
    TestConnection c(
        [&](http::Exchange& x) {
          x.handling = Running<Result<Unit>>(read_and_echo(x, step));
          x.handling.start();
        },
        {}, 100);
    const std::string body(5000, 'x');
    c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5000\r\n\r\n" + body, 333);
    EXPECT_TRUE(c.out.ends_with("\r\n\r\n" + body)) << step;
  }
}

TEST(Http1Codec, TellsThatABodyIsWaitedFor) {
  TestConnection c(echo);
  c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabc");
  EXPECT_EQ(c.codec().waiting(), CodecWait::body);
  c.codec().end_of_input();
  c.turn();
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 400 ")) << c.out;
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "http1.body_cut_short");
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, RefusesBodiesOverTheLimit) {
  http::HttpLimits limits;
  limits.body_bytes = 4;
  for (const std::string body : {"Content-Length: 5\r\n\r\nabcde",
                                 "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"})
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
      TestConnection c(echo, limits);
      c.feed("POST / HTTP/1.1\r\n" HOST + body, cut);
      EXPECT_TRUE(c.out.starts_with("HTTP/1.1 413 ")) << body << ", cut " << cut << ": " << c.out;
      ASSERT_GE(c.log.size(), 1u);
      EXPECT_EQ(c.log[0].failure, "http.body_too_large");
    }
}

TEST(Http1Codec, ASiteMayRaiseTheLimitOfABody) {
  http::HttpLimits limits;
  limits.body_bytes = 4;
  TestConnection c(
      [](http::Exchange& x) {
        x.request_body.limit_total(5);
        echo(x);
      },
      limits);
  c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde");
  EXPECT_TRUE(c.out.ends_with("\r\n\r\nabcde"));
}

TEST(Http1Codec, SkipsAnUnreadBodyAndGoesOn) {
  for (const std::string body :
       {"Content-Length: 5\r\n\r\nGET /", "Transfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n"}) {
    const std::string requests = "POST /p HTTP/1.1\r\n" HOST + body + std::string(kGet);
    for (std::size_t cut = 1; cut <= requests.size(); ++cut) {
      TestConnection c(say_path);
      c.feed(requests, cut);
      ASSERT_EQ(c.out, said("/p") + said("/a")) << cut;
    }
  }
}

TEST(Http1Codec, ClosesRatherThanSkipALongBody) {
  http::HttpLimits limits;
  limits.unread_body_bytes = 10;
  TestConnection told(say_path, limits, 8);
  told.feed("POST /p HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\nabc");
  EXPECT_EQ(told.out, said("/p", "connection: close\r\n"));
  EXPECT_TRUE(told.codec().finished());

  TestConnection untold(say_path, limits, 8);
  untold.feed("POST /p HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n64\r\n");
  EXPECT_FALSE(untold.codec().finished());
  EXPECT_EQ(untold.codec().waiting(), CodecWait::body);
  untold.feed("0123456789abcdef");
  EXPECT_TRUE(untold.codec().finished());
  EXPECT_EQ(untold.out, said("/p"));
}

TEST(Http1Codec, ABadChunkInASkippedBodyEndsTheConnectionWithoutASecondAnswer) {
  TestConnection c(say_path);
  c.feed("POST /p HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
  c.feed("xyz\r\n");
  EXPECT_EQ(c.error, "http1.bad_chunk_size");
  EXPECT_EQ(c.out, said("/p"));
  EXPECT_TRUE(c.codec().finished());
}

// --- Expect: 100-continue

constexpr std::string_view kExpect =
    "POST /p HTTP/1.1\r\n" HOST "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n";

TEST(Http1Codec, SendsContinueWhenTheHandlerReads) {
  TestConnection c(echo);
  c.feed(kExpect);
  EXPECT_EQ(c.out, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(c.codec().waiting(), CodecWait::body);
  c.feed("hello");
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(c.codec().finished());
}

TEST(Http1Codec, SendsNoContinueWhenTheAnswerComesFirst) {
  TestConnection c(say_path);
  c.feed(kExpect);
  // The client may or may not send the body now: only closing keeps both sides in step.
  EXPECT_EQ(c.out, said("/p", "connection: close\r\n"));
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, SendsNoContinueToAClientThatDoesNotWait) {
  TestConnection c(echo);
  c.feed(std::string(kExpect) + "hello");
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 200 OK\r\n")) << c.out;
  EXPECT_FALSE(c.codec().finished());
}

TEST(Http1Codec, SendsNoContinueForABodyThatIsTooLarge) {
  http::HttpLimits limits;
  limits.body_bytes = 4;
  TestConnection c(echo, limits);
  c.feed(kExpect);
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 413 ")) << c.out;
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, IgnoresExpectWithoutBodyOrFromOldClients) {
  for (const std::string_view head : {"GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n",
                                      "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: anything\r\n\r\nx"}) {
    TestConnection c(echo);
    c.feed(head);
    EXPECT_TRUE(c.out.starts_with("HTTP/1.1 200 OK\r\n")) << c.out;
  }
}

}  // namespace
}  // namespace sally::http1
