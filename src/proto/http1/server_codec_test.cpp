#include "proto/http1/server_codec.h"

#include <gtest/gtest.h>

#include "proto/http1/test_connection.h"

namespace sally::http1 {
namespace {

#define HOST "Host: a\r\n"
constexpr std::string_view kGet = "GET /a HTTP/1.1\r\n" HOST "\r\n";
constexpr std::string_view kStamp = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nserver: sallyport\r\n";

void say_path(http::Exchange& x) { x.respond_text(200, "text/plain", "at " + std::string(x.request.path)); }

std::string said(std::string_view path, std::string_view connection = "") {
  const std::string content = "at " + std::string(path);
  return "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: " + std::to_string(content.size()) +
         "\r\n" + std::string(kStamp) + std::string(connection) + "\r\n" + content;
}

/// A body that gives what `give` holds, in pieces of at most `piece`, and waits when there is nothing.
class Script final : public http::BodySource {
 public:
  Result<http::BodyView> view(std::size_t want) override {
    if (fails && give.empty()) return fail(kBodyCutShort);
    const std::size_t n = std::min({want, give.size(), piece});
    return http::BodyView{as_bytes(std::string_view(give).substr(0, n)), ends && n == give.size()};
  }
  void consume(std::size_t n) override { give.erase(0, n); }
  void wake_with(http::Waker& w) override { waker = &w; }

  std::string give;
  std::size_t piece = SIZE_MAX;
  bool ends = true, fails = false;
  http::Waker* waker = nullptr;
};

Script* answer_with_script(http::Exchange& x, std::string text, std::optional<std::uint64_t> length) {
  auto script = std::make_unique<Script>();
  Script* const s = script.get();
  s->give = std::move(text);
  x.response.status = 200;
  x.response.body = http::Body::from(std::move(script), length);
  return s;
}

// --- requests

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

// --- answers

TEST(Http1Codec, SendsABodyOfUnknownLengthInChunks) {
  for (std::size_t room = 1; room < 300; room += room < 40 ? 1 : 61) {
    Script* script = nullptr;
    TestConnection c([&](http::Exchange& x) {
      script = answer_with_script(x, "hello, chunks", std::nullopt);
      script->piece = 5;
      x.respond();
    });
    c.room_each = room;
    c.feed(kGet);
    EXPECT_FALSE(c.overrun);
    const std::size_t body_at = c.out.find("\r\n\r\n") + 4;
    EXPECT_NE(c.out.find("\r\ntransfer-encoding: chunked\r\n"), std::string::npos);
    // Our own decoder must read what we write.
    http::HttpLimits limits;
    ChunkedDecoder decoder(limits);
    std::string content;
    for (Bytes rest = as_bytes(std::string_view(c.out).substr(body_at)); !rest.empty();) {
      const auto piece = decoder.decode(rest, SIZE_MAX, 0);
      ASSERT_TRUE(piece);
      content += as_text(piece->content);
      rest = rest.subspan(piece->used);
      EXPECT_EQ(piece->whole, rest.empty());
    }
    EXPECT_EQ(content, "hello, chunks") << room;
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].sent_body_bytes, 13u);
  }
}

TEST(Http1Codec, WaitsForASourceThatHasNothingYet) {
  Script* script = nullptr;
  TestConnection c([&](http::Exchange& x) {
    script = answer_with_script(x, "one", std::nullopt);
    script->ends = false;
    x.respond();
  });
  c.feed(kGet);
  EXPECT_TRUE(c.out.ends_with("\r\n\r\n3\r\none\r\n"));
  EXPECT_EQ(c.codec().waiting(), CodecWait::response);
  script->give = "two";
  script->ends = true;
  script->waker->wake();
  EXPECT_TRUE(c.sendable);
  c.turn();
  EXPECT_TRUE(c.out.ends_with("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
}

TEST(Http1Codec, SendsToOldClientsUntilClose) {
  TestConnection c([](http::Exchange& x) {
    answer_with_script(x, "hello", std::nullopt);
    x.respond();
  });
  c.feed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(c.out, "HTTP/1.1 200 OK\r\n" + std::string(kStamp) + "connection: close\r\n\r\nhello");
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, SendsTrailersToWhoKeepsThem) {
  for (const bool keeps : {true, false}) {
    TestConnection c([](http::Exchange& x) {
      answer_with_script(x, "", std::nullopt);
      x.response.trailers.add("x-sum", "5");
      x.respond();
    });
    c.feed("GET / HTTP/1.1\r\n" HOST +
           std::string(keeps ? "TE: deflate, Trailers\r\n\r\n" : "TE: deflate\r\n\r\n"));
    EXPECT_TRUE(c.out.ends_with(keeps ? "\r\n\r\n0\r\nx-sum: 5\r\n\r\n" : "\r\n\r\n0\r\n\r\n")) << c.out;
  }
}

TEST(Http1Codec, CutsAnAnswerThatBreaksItsLength) {
  struct Case {
    std::string_view body;
    std::uint64_t length;
    bool fails;
  };
  for (const Case& k : {Case{"hello", 6, false}, Case{"hello", 4, false}, Case{"hel", 5, true}}) {
    TestConnection c([&](http::Exchange& x) {
      Script* const script = answer_with_script(x, std::string(k.body), k.length);
      script->fails = k.fails;
      script->ends = !k.fails;
      x.respond();
    });
    c.feed(std::string(kGet) + std::string(kGet));
    EXPECT_EQ(c.error, k.fails ? "http1.body_cut_short" : "http1.answer_length");
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].failure, c.error);
    EXPECT_FALSE(c.codec().finished()) << "a clean end would look like success";
  }
}

TEST(Http1Codec, TheHandlerCanAbort) {
  Script* script = nullptr;
  TestConnection c([&](http::Exchange& x) {
    script = answer_with_script(x, "one", std::nullopt);
    script->ends = false;
    x.respond();
  });
  c.feed(kGet);
  c.open->abort(Error(kBodyCutShort, {}, "", std::source_location::current()));
  EXPECT_TRUE(c.sendable);
  c.turn();
  EXPECT_EQ(c.error, "http1.body_cut_short");
  EXPECT_TRUE(c.out.ends_with("\r\none\r\n")) << "no last chunk: the client must see the cut";
}

TEST(Http1Codec, AnswersWithoutContent) {
  struct Case {
    std::string_view method;
    int status;
    std::string_view stated, body, length;
  };
  constexpr Case kCases[] = {
      {"HEAD", 200, "", "hello", "content-length: 5\r\n"},
      {"HEAD", 200, "7", "", "content-length: 7\r\n"},
      {"HEAD", 200, "", "", ""},
      {"GET", 304, "", "", ""},
      {"GET", 304, "9", "", "content-length: 9\r\n"},
      {"GET", 204, "", "", ""},
      {"GET", 204, "9", "", ""},
      {"HEAD", 204, "9", "", ""},
      {"GET", 200, "", "", "content-length: 0\r\n"},
      {"GET", 205, "", "", "content-length: 0\r\n"},
  };
  for (const Case& k : kCases) {
    TestConnection c([&](http::Exchange& x) {
      x.response.status = k.status;
      if (!k.stated.empty()) x.response.fields.add("content-length", k.stated);
      x.response.body = http::Body::text(std::string(k.body));
      x.respond();
    });
    c.feed(std::string(k.method) + " / HTTP/1.1\r\n" HOST "\r\n");
    EXPECT_TRUE(c.out.ends_with("\r\n" + std::string(k.length) + std::string(kStamp) + "\r\n"))
        << k.method << " " << k.status << ": " << c.out;
    EXPECT_EQ(c.out.find("content-length") != std::string::npos, !k.length.empty());
    EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
  }
}

TEST(Http1Codec, SendsPreparedFieldsFirstAndTheSitesLast) {
  const http::PreparedFields prepared{"etag: \"1\"\r\ncontent-length: 2\r\n", {}, ""};
  const http::PreparedFields added{"x-site: y\r\n", {}, ""};
  http::PreparedFields p = prepared;
  p.fields.add("etag", "\"1\"");
  p.fields.add("content-length", "2");
  TestConnection c([&](http::Exchange& x) {
    x.response.status = 206;
    x.response.prepared = &p;
    x.response.fields.add("a", "b");
    x.response.body = http::Body::text("hi");
    x.added = &added;
    x.respond();
  });
  c.feed(kGet);
  EXPECT_EQ(c.out,
            "HTTP/1.1 206 Partial Content\r\netag: \"1\"\r\ncontent-length: 2\r\na: b\r\nx-site: y\r\n" +
                std::string(kStamp) + "\r\nhi");
}

TEST(Http1Codec, RefusesToSplitAnAnswer) {
  struct Case {
    std::string_view name, value;
    int status;
  };
  constexpr Case kCases[] = {{"location", "/\r\nset-cookie: a=b", 302},
                             {"location", "/\nx", 302},
                             {"x\r\ny", "z", 200},
                             {"x:", "z", 200},
                             {"", "z", 200},
                             {"X", "z", 200},
                             {"connection", "x", 200},
                             {"transfer-encoding", "chunked", 200},
                             {"content-length", "9", 200},
                             {"content-length", "-1", 200},
                             {"a", "b", 700},
                             {"a", "b", 101}};
  for (const Case& k : kCases) {
    TestConnection c([&](http::Exchange& x) {
      x.response.fields.add(k.name, k.value);
      x.respond_text(k.status, "text/plain", "hi");
    });
    c.feed(kGet);
    EXPECT_TRUE(c.out.starts_with("HTTP/1.1 500 ")) << k.name << ": " << c.out;
    EXPECT_EQ(c.out.find("set-cookie"), std::string::npos);
    ASSERT_EQ(c.log.size(), 1u);
    EXPECT_EQ(c.log[0].failure, "http1.bad_answer");
    EXPECT_TRUE(c.codec().finished());
  }
}

TEST(Http1Codec, SendsEarlyHintsToNewClientsOnly) {
  for (const bool old : {false, true}) {
    TestConnection c([](http::Exchange&) {});
    c.feed(old ? "GET / HTTP/1.0\r\n\r\n" : kGet);
    http::Fields fields;
    fields.add("link", "</a.css>; rel=preload");
    c.open->send_interim(103, fields);
    EXPECT_TRUE(c.sendable);
    c.turn();
    EXPECT_EQ(c.out, old ? "" : "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n");
    say_path(*c.open);
    c.turn();
    EXPECT_NE(c.out.find("HTTP/1.1 200 OK"), std::string::npos);
  }
}

// --- ends

TEST(Http1Codec, DrainEndsAnIdleConnectionAtOnce) {
  TestConnection c(say_path);
  c.feed(kGet);
  c.codec().drain();
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, DrainLetsWhatHasBegunEnd) {
  TestConnection half(say_path);
  half.feed(kGet.substr(0, 10));
  half.codec().drain();
  EXPECT_FALSE(half.codec().finished());
  half.feed(kGet.substr(10));
  EXPECT_EQ(half.out, said("/a", "connection: close\r\n"));
  EXPECT_TRUE(half.codec().finished());

  TestConnection open([](http::Exchange&) {});
  open.feed(kGet);
  open.codec().drain();
  EXPECT_FALSE(open.codec().finished());
  say_path(*open.open);
  open.turn();
  EXPECT_EQ(open.out, said("/a", "connection: close\r\n"));
  EXPECT_TRUE(open.codec().finished());
}

TEST(Http1Codec, AnswersAClientThatHasClosedItsSide) {
  TestConnection c([](http::Exchange&) {});
  c.feed(kGet);
  c.codec().end_of_input();
  EXPECT_FALSE(c.codec().finished());
  say_path(*c.open);
  c.turn();
  EXPECT_EQ(c.out, said("/a", "connection: close\r\n"));
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, EndOfInputEndsAnIdleConnectionAndAHalfHead) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{9}}) {
    TestConnection c(say_path);
    c.feed(kGet.substr(0, size));
    c.codec().end_of_input();
    EXPECT_TRUE(c.codec().finished());
    EXPECT_EQ(c.out, "");
  }
}

constexpr ErrorKind kTimer{"test.timer", Blame::peer, Retry::never, "too slow", "hurry", "", -1, 408};

Error timer() { return Error(kTimer, {}, "", std::source_location::current()); }

TEST(Http1Codec, ATimerInAHeadIsAnswered) {
  TestConnection c(say_path);
  c.feed(kGet.substr(0, 9));
  EXPECT_EQ(c.codec().waiting(), CodecWait::head);
  c.codec().fail_with(timer());
  EXPECT_TRUE(c.sendable);
  c.turn();
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(c.out.ends_with("connection: close\r\n\r\n408 Request Timeout: too slow\n"));
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "test.timer");
  EXPECT_EQ(c.log[0].status, 408);
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, ATimerOnAnIdleConnectionSaysNothing) {
  TestConnection c(say_path);
  c.feed(kGet);
  c.out.clear();
  c.codec().fail_with(timer());
  c.turn();
  EXPECT_EQ(c.out, "");
  EXPECT_EQ(c.log.size(), 1u);
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, ATimerOnABodyIsAnsweredAndCancelsTheHandler) {
  TestConnection c(echo);
  c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabc");
  c.codec().fail_with(timer());
  c.turn();
  EXPECT_TRUE(c.out.starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(c.pool().open(), 0u);
  EXPECT_TRUE(c.codec().finished());
}

TEST(Http1Codec, TellsThatTheClientMustRead) {
  TestConnection c([](http::Exchange& x) { x.respond_text(200, "text/plain", std::string(1000, 'x')); });
  c.room_each = 0;
  c.feed(kGet);
  EXPECT_EQ(c.codec().waiting(), CodecWait::send);
  c.room_each = 300;
  c.turn();
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
  EXPECT_TRUE(c.out.ends_with(std::string(1000, 'x')));
}

TEST(Http1Codec, ATimerOnAnAnswerCutsIt) {
  TestConnection c([](http::Exchange& x) {
    answer_with_script(x, "part", 100)->ends = false;
    x.respond();
  });
  c.feed(kGet);
  c.codec().fail_with(timer());
  c.turn();
  EXPECT_EQ(c.error, "test.timer");
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].failure, "test.timer");
  EXPECT_TRUE(c.out.ends_with("\r\n\r\npart"));
}

TEST(Http1Codec, GivesAnOpenExchangeBackWhenItGoes) {
  TestConnection c(echo);
  c.feed("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabc");
  EXPECT_EQ(c.pool().open(), 1u);
  c.end();
  EXPECT_EQ(c.pool().open(), 0u);
}

TEST(Http1Codec, TakesAndForgetsWhatComesAfterTheEnd) {
  TestConnection c(say_path);
  c.feed("GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
  EXPECT_TRUE(c.codec().finished());
  const auto used = c.codec().receive(as_bytes(kGet));
  ASSERT_TRUE(used);
  EXPECT_EQ(*used, kGet.size());
  EXPECT_EQ(c.log.size(), 1u);
}

}  // namespace
}  // namespace sally::http1
