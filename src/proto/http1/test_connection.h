// proto/http1/test_connection.h - drives a ServerCodec as a connection does, over strings. For tests only.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "loop/task.h"
#include "proto/echo_fixture.h"
#include "proto/http1/server_codec.h"

namespace sally::http1 {

/// What on_finished() told of an exchange.
struct Finished {
  std::string method, host, path, failure;
  int status;
  std::uint64_t sent_body_bytes;
};

/// Owns a codec and everything it needs. Answers each request by `handler`, at once or by a coroutine that it
/// puts into x.handling. Keeps what receive() leaves and offers it again, as codec.h asks.
class TestConnection final : public CodecEvents, public ByteSink {
 public:
  using Handler = std::function<void(http::Exchange&)>;

  explicit TestConnection(Handler handler, http::HttpLimits limits = {},
                          std::size_t body_pipe_bytes = 64 * 1024)
      : limits_(limits), pool_(body_pipe_bytes, 4), handler_(std::move(handler)) {
    codec_.emplace(pool_, limits_, *this, facts_, stamp_);
  }

  ServerCodec& codec() { return *codec_; }
  http::ConnectionFacts& facts() { return facts_; }
  http::HttpLimits& limits() { return limits_; }
  http::ExchangePool& pool() { return pool_; }
  void end() { codec_.reset(); }

  /// Bytes that each produce() may write.
  std::size_t room_each = SIZE_MAX;
  std::string out;    ///< all that was written
  std::string error;  ///< id of what receive() or produce() returned
  std::vector<Finished> log;
  http::Exchange* open = nullptr;
  bool sendable = false;

  /// Offers `bytes` in pieces of `cut` octets, with a produce() after each receive().
  void feed(std::string_view bytes, std::size_t cut = SIZE_MAX) {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, cut);
      left_ += piece;
      bytes.remove_prefix(piece.size());
      turn();
    }
  }
  /// Goes on until nothing moves: what a connection does in one turn of its loop.
  void turn() {
    for (bool moved = true; moved && error.empty();) {
      sendable = false;
      const std::size_t out_before = out.size(), left_before = left_.size();
      if (!left_.empty() && !codec_->finished()) receive_left();
      answer_failed_handler();
      produce();
      moved = sendable || out.size() != out_before || left_.size() != left_before;
    }
  }
  std::string_view left() const { return left_; }

  void on_request(http::Exchange& x) override {
    open = &x;
    handler_(x);
  }
  void on_finished(http::Exchange& x) override {
    log.push_back({std::string(x.request.method_text), x.request.host, std::string(x.request.path),
                   std::string(x.failure), x.response.status, x.sent_body_bytes});
    open = nullptr;
  }
  void on_sendable() override { sendable = true; }
  std::size_t room() const override { return room_; }
  void write(Bytes bytes) override {
    if (bytes.size() > room_ || bytes.empty()) overrun = true;
    room_ -= bytes.size();
    out += as_text(bytes);
  }
  bool overrun = false;  ///< the codec wrote more than there was room for, or nothing

 private:
  void receive_left() {
    // A copy of exactly the size, gone after the call: a view kept by the codec shows under AddressSanitizer.
    const std::vector<char> copy(left_.begin(), left_.end());
    const auto used = codec_->receive(as_bytes(std::string_view(copy.data(), copy.size())));
    if (!used) error = used.error().kind().id;
    left_.erase(0, used.value_or(left_.size()));
  }
  /// A handler that ends with an error before it answered: the gateway makes a page of the error's status.
  void answer_failed_handler() {
    if (open == nullptr || !open->handling.done() || open->responded()) return;
    const auto result = open->handling.take();
    if (!result) open->failure = result.error().kind().id;
    open->respond_text(result ? 500 : result.error().kind().http_status, "text/plain", "failed");
  }
  void produce() {
    room_ = room_each;
    const auto more = codec_->produce(*this);
    if (!more && error.empty()) error = more.error().kind().id;
  }

  http::HttpLimits limits_;
  http::ConnectionFacts facts_;
  http::DateCache dates_;
  http::Stamp stamp_{dates_, 784111777, "sallyport"};
  http::ExchangePool pool_;
  Handler handler_;
  std::optional<ServerCodec> codec_;
  std::string left_;
  std::size_t room_ = 0;
};

#define HOST "Host: a\r\n"
inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\n" HOST "\r\n";
inline constexpr std::string_view kStamp = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nserver: sallyport\r\n";

inline void say_path(http::Exchange& x) {
  x.respond_text(200, "text/plain", "at " + std::string(x.request.path));
}

inline std::string said(std::string_view path, std::string_view connection = "") {
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

inline Script* answer_with_script(http::Exchange& x, std::string text, std::optional<std::uint64_t> length) {
  auto script = std::make_unique<Script>();
  Script* const s = script.get();
  s->give = std::move(text);
  x.response.status = 200;
  x.response.body = http::Body::from(std::move(script), length);
  return s;
}

}  // namespace sally::http1
