// How answers are written: framing, room, prepared fields, and what is refused.
#include <gtest/gtest.h>

#include "proto/http1/test_connection.h"

namespace sally::http1 {
namespace {

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

}  // namespace
}  // namespace sally::http1
