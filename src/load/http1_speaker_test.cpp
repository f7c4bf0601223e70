#include "load/http1_speaker.h"

#include <gtest/gtest.h>

#include "load/test_sink.h"

namespace sally::load {
namespace {

struct Talk {
  Plan plan;
  RequestText text;
  TestSink sink;
  Http1Speaker speaker;
  std::string out;
  bool good = true;

  explicit Talk(unsigned depth = 1, const char* method = "GET")
      : plan(with_method(method)), text(plan, plan.urls), speaker(text, sink, depth) {}
  static Plan with_method(const char* method) {
    Plan plan = plan_for("http://example.com/a?b");
    plan.method = method;
    return plan;
  }
  void hear(std::string_view bytes) { good = good && speaker.receive(as_bytes(bytes), out).has_value(); }
};

TEST(Http1Speaker, AsksAsItWasTold) {
  Plan plan = plan_for("http://example.com:81/a?b");
  plan.method = "POST";
  plan.body = "12345";
  plan.fields = {{"Accept", "text/html"}, {"host", "other.example"}, {"User-Agent", "x"}};
  const RequestText text(plan, plan.urls);
  TestSink sink;
  Http1Speaker speaker(text, sink, 1);
  std::string out;
  speaker.ask(0, asked_at(1), out);
  EXPECT_EQ(out,
            "POST /a?b HTTP/1.1\r\nHost: other.example\r\nAccept: text/html\r\nUser-Agent: x\r\n"
            "Content-Length: 5\r\n\r\n12345");
  EXPECT_FALSE(speaker.has_room());
  EXPECT_EQ(speaker.pending(), 1u);
}

TEST(Http1Speaker, TheLastOfItsShareEndsTheConnection) {
  Talk talk;
  Http1Speaker speaker(talk.text, talk.sink, 2, 2);
  std::string first, last;
  speaker.ask(0, asked_at(1), first);
  EXPECT_FALSE(first.contains("Connection:"));
  EXPECT_TRUE(speaker.has_room());
  speaker.ask(0, asked_at(2), last);
  EXPECT_TRUE(last.ends_with("\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(speaker.is_leaving());
  EXPECT_FALSE(speaker.has_room());
  const std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  ASSERT_TRUE(speaker.receive(as_bytes(answer + answer), talk.out));
  EXPECT_EQ(talk.sink.told, "204@1 204@2 ") << "what was asked before is answered";
  EXPECT_EQ(speaker.pending(), 0u);
}

struct Row {
  const char *answers, *told;
  std::size_t body_bytes;
  bool leaving;
};

TEST(Http1Speaker, ReadsAnswersHoweverTheyAreCut) {
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200@1 ", 5, false},
      {"HTTP/1.1 204 No Content\r\n\r\n", "204@1 ", 0, false},
      {"HTTP/1.1 304\r\nContent-Length: 9\r\n\r\n", "304@1 ", 0, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nx: y\r\n\r\n",
       "200@1 ", 6, false},
      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "503@1 ", 0,
       false},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", "200@1 unprocessed@2 ", 1, true},
      {"HTTP/1.0 404 No\r\nContent-Length: 1\r\n\r\nx", "404@1 unprocessed@2 ", 1, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 404 No\r\ncontent-length: 1\r\n\r\n!",
       "200@1 404@2 ", 3, false},
  };
  for (const Row& row : rows) {
    const std::string_view all = row.answers;
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
      Talk talk(2);
      talk.speaker.ask(0, asked_at(1), talk.out);
      talk.speaker.ask(0, asked_at(2), talk.out);
      talk.hear(all.substr(0, cut));
      talk.hear(all.substr(cut));
      ASSERT_TRUE(talk.good) << row.answers << " cut at " << cut;
      ASSERT_EQ(talk.sink.told, row.told) << row.answers << " cut at " << cut;
      ASSERT_EQ(talk.sink.body_bytes, row.body_bytes);
      ASSERT_EQ(talk.speaker.is_leaving(), row.leaving);
    }
    Talk slow(2);
    slow.speaker.ask(0, asked_at(1), slow.out);
    slow.speaker.ask(0, asked_at(2), slow.out);
    for (const char& c : all) slow.hear({&c, 1});
    EXPECT_EQ(slow.sink.told, row.told) << row.answers;
  }
}

TEST(Http1Speaker, ABodyWithoutALengthEndsWithTheConnection) {
  Talk talk;
  talk.speaker.ask(0, asked_at(1), talk.out);
  talk.hear("HTTP/1.1 200 OK\r\n\r\nabc");
  talk.hear("def");
  EXPECT_EQ(talk.sink.told, "");
  talk.speaker.end_of_stream();
  EXPECT_EQ(talk.sink.told, "200@1 ");
  EXPECT_EQ(talk.sink.body_bytes, 6u);
  EXPECT_TRUE(talk.speaker.is_leaving());
}

TEST(Http1Speaker, HeadHasNoBody) {
  Talk talk(1, "HEAD");
  talk.speaker.ask(0, asked_at(1), talk.out);
  talk.hear("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  EXPECT_EQ(talk.sink.told, "200@1 ");
}

TEST(Http1Speaker, WhatBreaksTheRulesIsAnError) {
  for (const char* answer :
       {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno field\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 101 Switch\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore"}) {
    Talk talk;
    talk.speaker.ask(0, asked_at(1), talk.out);
    talk.hear(answer);
    EXPECT_FALSE(talk.good) << answer;
    if (talk.speaker.pending() > 0) {
      talk.speaker.abandon(Failure::protocol);
      EXPECT_EQ(talk.sink.told, "failed(protocol)@1 ") << answer;
    }
  }
}

TEST(Http1Speaker, AHeadHasALimit) {
  Talk talk;
  talk.speaker.ask(0, asked_at(1), talk.out);
  talk.hear("HTTP/1.1 200 OK\r\nx: ");
  for (int i = 0; i < 300 && talk.good; ++i) talk.hear(std::string(1024, 'x'));
  EXPECT_FALSE(talk.good);
}

TEST(Http1Speaker, GivesUpWhatWasAskedTooLongAgo) {
  Talk talk(2);
  talk.speaker.ask(0, asked_at(10), talk.out);
  talk.speaker.ask(0, asked_at(20), talk.out);
  EXPECT_TRUE(talk.speaker.expire(TimePoint(Duration(10)), talk.out));
  EXPECT_FALSE(talk.speaker.expire(TimePoint(Duration(11)), talk.out));
  EXPECT_EQ(talk.sink.told, "failed(timeout)@10 failed(timeout)@20 ");
}

}  // namespace
}  // namespace sally::load
