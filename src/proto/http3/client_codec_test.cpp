#include "proto/http3/client_codec.h"

#include <gtest/gtest.h>

#include <deque>

#include "proto/http3/test_client.h"
#include "quic/test_pair.h"

namespace sally::http3 {
namespace {

using namespace std::chrono_literals;

struct Heard final : Request {
  void on_field(std::string_view name, std::string_view value) override { fields.emplace_back(name, value); }
  void on_head(unsigned one) override { statuses.push_back(one); }
  void on_content(Bytes bytes) override { body += as_text(bytes); }
  void on_whole() override { whole = true; }
  void on_lost(std::uint64_t code) override { lost = code; }
  std::vector<Header> fields;
  std::vector<unsigned> statuses;
  std::string body;
  bool whole = false;
  std::optional<std::uint64_t> lost;
};

/// Our client's end of a connection.
class Client final : public quic::ClientEvents {
 public:
  explicit Client(const ClientCodec::Limits& limits) : codec(limits) {}
  Fault on_handshake() override { return codec.begin(*connection); }
  Fault on_stream_data(std::int64_t s, Bytes bytes, bool end) override {
    return codec.receive(s, bytes, end);
  }
  Fault on_acknowledged(std::int64_t s, std::uint64_t n) override { return codec.acknowledged(s, n); }
  Fault on_reset(std::int64_t s, std::uint64_t e) override { return codec.reset_by_server(s, e); }
  Fault on_closed(std::int64_t s, std::uint64_t e) override { return codec.closed(s, e); }
  Fault on_room(std::int64_t s) override { return codec.room_again(s); }
  ClientCodec codec;
  quic::Connection* connection = nullptr;
};

/// A server whose every request `answer` answers, and our client of it.
class Meeting final : private quic::ConnectionEvents, private CodecEvents {
 public:
  using Answer = std::function<void(http::Exchange&)>;
  explicit Meeting(Answer answer, const ClientCodec::Limits& limits = {})
      : answer_(std::move(answer)),
        pool_(limits_.h2.stream_window, 16),
        stamp_{date_, 784111777, "sallyport", TimePoint(1h)},
        server(pool_, config_, *this, facts_, stamp_),
        client(limits),
        link(client, client.codec, {*this, server, ids_, config_, 0, 10s, 16384, pool_.body_pipe_bytes()}) {
    facts_.secure = true;
    client.connection = link.client.get();
    link.run();
  }
  ~Meeting() { link.server.reset(); }

  void ask(Heard& heard, const std::string& path = "/", const std::string& method = "GET", Bytes body = {}) {
    const std::vector<Header> all{
        {":method", method}, {":scheme", "https"}, {":authority", "example.com"}, {":path", path}};
    std::vector<nghttp3_nv> list;
    for (const Header& h : all)
      list.push_back({reinterpret_cast<const std::uint8_t*>(h.first.data()),
                      reinterpret_cast<const std::uint8_t*>(h.second.data()), h.first.size(), h.second.size(),
                      NGHTTP3_NV_FLAG_NONE});
    ASSERT_TRUE(client.codec.ask(list, body, heard));
  }

 private:
  http::HttpLimits limits_;
  Answer answer_;
  http::ExchangePool pool_;
  http::DateCache date_;
  http::Stamp stamp_;
  http::ConnectionFacts facts_;
  const quic::ConnectionIds ids_;
  quic::QuicConfig config_;

 public:
  ServerCodec server;
  Client client;
  quic::TestPair link;
  http::Exchange* open = nullptr;

 private:
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek&) override {
    static const auto identity = quic::test_identity();
    return identity;
  }
  Fault on_handshake() override { return server.begin(*link.server, limits_); }
  Fault on_stream_data(std::int64_t s, Bytes bytes, bool end) override {
    return server.receive(s, bytes, end);
  }
  Fault on_acknowledged(std::int64_t s, std::uint64_t n) override { return server.acknowledged(s, n); }
  Fault on_reset(std::int64_t s, std::uint64_t e) override { return server.reset_by_client(s, e); }
  Fault on_closed(std::int64_t s, std::uint64_t e) override { return server.closed(s, e); }
  Fault on_room(std::int64_t s) override { return server.room_again(s); }
  void on_id(const quic::ConnectionId&) override {}
  void on_id_gone(Bytes) override {}
  void on_request(http::Exchange& x) override {
    open = &x;
    answer_(x);
  }
  void on_finished(http::Exchange&) override { open = nullptr; }
  void on_sendable() override {}
};

void hello(http::Exchange& x) { x.respond_text(200, "text/plain", "hello " + std::string(x.request.path)); }

Task<Result<Unit>> count_content(http::Exchange& x) {
  std::size_t all = 0;
  for (;;) {
    CO_TRY(const Bytes more, co_await x.request_body.more());
    if (more.empty()) break;
    all += more.size();
    x.request_body.consume(more.size());
  }
  x.respond_text(200, "text/plain", std::to_string(all));
  co_return Unit{};
}

TEST(Http3Client, AsksAndHearsTheWholeAnswer) {
  Meeting m(hello);
  EXPECT_TRUE(m.client.codec.settled());
  Heard first, second;
  m.ask(first, "/a");
  m.ask(second, "/b");
  m.link.run();
  EXPECT_TRUE(first.whole && second.whole);
  EXPECT_EQ(first.statuses, std::vector<unsigned>{200});
  EXPECT_EQ(first.body, "hello /a");
  EXPECT_EQ(second.body, "hello /b");
  EXPECT_EQ(std::ranges::count(first.fields, Header{"content-length", "8"}), 1);
  EXPECT_FALSE(first.lost);
  Heard again;
  m.ask(again, "/c");
  m.link.run();
  EXPECT_EQ(again.body, "hello /c");
}

TEST(Http3Client, LargeAnswersOverLossyNetworks) {
  const std::string body(700'000, 'x');
  Meeting m([&](http::Exchange& x) { x.respond_text(200, "text/plain", body); });
  m.link.lose = [](std::size_t n) { return n % 11 == 5; };
  Heard heard;
  m.ask(heard);
  for (int i = 0; i < 5 && !heard.whole; ++i) m.link.run();
  EXPECT_TRUE(heard.body == body) << heard.body.size();
}

TEST(Http3Client, SendsABody) {
  Meeting m([](http::Exchange& x) {
    x.handling = Running<Result<Unit>>(count_content(x));
    x.handling.start();
  });
  const std::string body(700'000, 'b');
  Heard heard;
  m.ask(heard, "/", "POST", as_bytes(body));
  for (int i = 0; i < 5 && !heard.whole; ++i) m.link.run();
  EXPECT_EQ(heard.body, "700000");
}

TEST(Http3Client, AHeadThatIsTooLargeIsLost) {
  Meeting m(
      [](http::Exchange& x) {
        x.response.fields.add("x-large", x.arena.copy(std::string(5000, 'l')));
        x.respond_text(200, "text/plain", "hello");
      },
      {.head_bytes = 4000});
  Heard heard;
  m.ask(heard);
  m.link.run();
  EXPECT_FALSE(heard.whole);
  ASSERT_TRUE(heard.lost);
  EXPECT_EQ(*heard.lost, std::uint64_t{NGHTTP3_H3_EXCESSIVE_LOAD});
  EXPECT_TRUE(m.link.client->open());
}

TEST(Http3Client, AnAnswerThatTheServerBreaksOffIsLost) {
  Meeting m(
      [](http::Exchange& x) { x.abort(Error(kStream, WirePos{}, "no", std::source_location::current())); });
  Heard heard;
  m.ask(heard);
  m.link.run();
  EXPECT_FALSE(heard.whole);
  ASSERT_TRUE(heard.lost);
  EXPECT_EQ(*heard.lost, std::uint64_t{NGHTTP3_H3_INTERNAL_ERROR});
}

TEST(Http3Client, WhatIsCancelledHearsNothing) {
  Meeting m([](http::Exchange&) {});
  Heard heard;
  m.ask(heard);
  m.link.run();
  ASSERT_NE(m.open, nullptr);
  m.client.codec.cancel(heard);
  m.link.run();
  EXPECT_EQ(m.open, nullptr);
  EXPECT_FALSE(heard.whole);
  EXPECT_FALSE(heard.lost);
}

TEST(Http3Client, AServerThatDrainsIsLeft) {
  Meeting m(hello);
  Heard heard;
  m.ask(heard);
  m.link.run();
  m.server.drain();
  m.link.run();
  EXPECT_TRUE(m.client.codec.is_leaving());
  EXPECT_EQ(m.client.codec.room(), 0u);
}

TEST(Http3Client, AFrameWhereItMustNotStandIsAFault) {
  Meeting m(hello);
  const std::string data("\x00\x00\x01\x61", 4);  // a control stream that begins with DATA (RFC 9114 6.2.1)
  const auto fault = m.client.codec.receive(15, as_bytes(data), false);
  ASSERT_TRUE(fault);
  ASSERT_NE(m.client.codec.broken(), nullptr);
  EXPECT_TRUE(m.client.codec.broken()->is(kBadServer));
}

}  // namespace
}  // namespace sally::http3
