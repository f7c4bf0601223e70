// quic/echo_fixture.h - a server that gives back what comes, and a client that asks it. For tests only.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "quic/test_client.h"

namespace sally::quic {

/// Gives back what comes, on the same stream.
class Echo final : public ConnectionEvents, public StreamSource {
 public:
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek& hello) override {
    asked = hello.server_name;
    static const auto usual = test_identity();
    if (!identity) identity = usual;
    if (asked != "example.com") return fail(*refusal);
    return identity;
  }
  EarlyTerms early_terms() override { return terms; }
  Fault on_early_data() override {
    early = true;
    return std::nullopt;
  }
  Fault on_handshake() override {
    before_handshake = received;
    return std::nullopt;
  }
  Fault on_stream_data(std::int64_t stream, Bytes bytes, bool end) override {
    connection->used(stream, bytes.size());
    received += bytes.size();
    if (as_text(bytes) == "close") return 0x42;
    texts[stream] += as_text(bytes);
    if (end) ready.push_back(stream);
    return std::nullopt;
  }
  Fault on_acknowledged(std::int64_t, std::uint64_t bytes) override {
    acknowledged += bytes;
    return std::nullopt;
  }
  Fault on_reset(std::int64_t, std::uint64_t error) override {
    reset = error;
    return std::nullopt;
  }
  Fault on_closed(std::int64_t, std::uint64_t) override {
    ++closed;
    connection->allow_streams(1);
    return std::nullopt;
  }
  Fault on_room(std::int64_t) override {
    is_blocked = false;
    return std::nullopt;
  }
  void on_id(const ConnectionId&) override { ++ids; }
  void on_id_gone(Bytes) override { --ids; }

  std::expected<void, std::uint64_t> next(Next& next) override {
    if (ready.empty() || is_blocked) return {};
    next.stream = ready.front();
    std::string& text = texts[next.stream];
    next.pieces[0] = {reinterpret_cast<std::uint8_t*>(text.data()) + at, text.size() - at};
    next.count = 1;
    next.end = true;
    return {};
  }
  void sent(std::int64_t stream, std::size_t bytes) override {
    at += bytes;
    if (at < texts[stream].size()) return;
    at = 0;
    ready.pop_front();
  }
  void blocked(std::int64_t) override { is_blocked = true; }
  void shut(std::int64_t) override { ready.pop_front(); }

  const ErrorKind* refusal = &kHandshake;  ///< of who asks for another name
  std::shared_ptr<const tls::ServerIdentity> identity;
  EarlyTerms terms;
  bool early = false;
  std::size_t before_handshake = 0;  ///< bytes that came then
  Connection* connection = nullptr;
  std::string asked;
  std::map<std::int64_t, std::string> texts;
  std::deque<std::int64_t> ready;
  std::size_t at = 0, received = 0;
  std::uint64_t acknowledged = 0, reset = 0;
  int closed = 0, ids = 0;
  bool is_blocked = false;
};

/// What the client sends: a text for each stream.
class Asking final : public StreamSource {
 public:
  explicit Asking(TestClient& client) : client_(client) {}
  void ask(std::string text) { waiting_.push_back(std::move(text)); }
  std::expected<void, std::uint64_t> next(Next& next) override {
    if (stream_ < 0) {
      if (waiting_.empty() || ngtcp2_conn_open_bidi_stream(client_.conn, &stream_, nullptr) != 0) {
        stream_ = -1;
        return {};
      }
      kept_.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
      at_ = 0;
    }
    std::string& text = kept_.back();
    next.stream = stream_;
    next.pieces[0] = {reinterpret_cast<std::uint8_t*>(text.data()) + at_, text.size() - at_};
    next.count = 1;
    next.end = true;
    return {};
  }
  void sent(std::int64_t, std::size_t bytes) override {
    at_ += bytes;
    if (at_ == kept_.back().size()) stream_ = -1;
  }
  void blocked(std::int64_t) override {}
  void shut(std::int64_t) override { stream_ = -1; }

 private:
  TestClient& client_;
  std::deque<std::string> waiting_, kept_;
  std::int64_t stream_ = -1;
  std::size_t at_ = 0;
};

struct Fixture {
  explicit Fixture(const Wish& wish = {})
      : link({echo, echo, ids, config, 3, 10s, 16384}, wish), asking(link.client) {
    link.on_accept = [this](Connection& made) { echo.connection = &made; };
    link.client.on_data = [this](std::int64_t id, Bytes bytes, bool end) {
      answers[id] += as_text(bytes);
      ended += end ? 1 : 0;
      ngtcp2_conn_extend_max_stream_offset(link.client.conn, id, bytes.size());
      ngtcp2_conn_extend_max_offset(link.client.conn, bytes.size());
    };
  }
  void run() {
    for (int i = 0; i < 3; ++i) link.run(&asking);
  }
  /// Until the server has a connection.
  void meet() { link.carry(link.client.produce(link.now), true); }
  const ConnectionIds ids;
  QuicConfig config;
  Echo echo;
  Link link;
  Asking asking;
  std::map<std::int64_t, std::string> answers;
  int ended = 0;
};

}  // namespace sally::quic
