// upstream/connection.h - one connection of HTTP/1.1 to a backend: a request goes out, its answer is pulled
// in.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/buffer.h"
#include "loop/loop.h"
#include "proto/http1/client_codec.h"
#include "proto/http1/request_writer.h"
#include "proto/http2/request_fields.h"
#include "upstream/call.h"
#include "upstream/terms.h"
#include "upstream/wire.h"

namespace sally::upstream {

class Connection;

/// What the connections of one core share.
struct ConnectionScratch {
  static constexpr std::size_t kBytes = 64 * 1024;
  std::byte bytes[kBytes];
  std::string head;             ///< where heads are put together; nothing between two of them
  http2::RequestFields fields;  ///< the same for HTTP/2
};

/// What keeps connections.
struct ConnectionOwner {
  /// A connection that carries no request was closed by the backend, or was kept for long enough.
  virtual void kept_ended(Connection& c) = 0;
  virtual void give_back(Connection& c) = 0;
  virtual void drop(Connection& c) = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// A state machine on the loop, without coroutines. Without a request it holds no buffer.
///
///   kept --begin()--> head --final head--> content --end--> over --(owner)--> kept
///   any --error, timer--> broken
class Connection final : public Call, private Pollable, private Timer, private Deferred {
 public:
  /// All of them outlive the connection.
  /// name  the backend's, for errors
  Connection(Loop& loop, Wire wire, ConnectionOwner& owner, std::string_view name, const Terms& terms,
             const http::HttpLimits& limits, ConnectionScratch& scratch);
  ~Connection();
  /// Joins the loop. Errors: loop.system_call.
  Result<> start();

  // --- Call
  void begin(CallUser& user, Arena& memory, http::Fields& fields, http::Fields& trailers) override;
  void start(const RequestHead& head) override;
  void field(std::string_view name, std::string_view value) override { writer_.field(name, value); }
  void send_head() override;
  void send_body(Bytes bytes) override;
  void end_body(const http::Fields& trailers) override;
  std::size_t room() const override;
  bool refuses() const override { return refuses_; }
  std::optional<Bytes> take_whole() override;
  Result<http::BodyView> view(std::size_t want) override;
  void consume(std::size_t n) override;
  bool over() const override { return phase_ == Phase::over && content_ == 0; }
  bool untouched() const override { return received_ == 0; }
  bool reused() const override { return requests_ > 1; }
  void give_back() override { owner_.give_back(*this); }
  void drop() override { owner_.drop(*this); }

  // --- for the owner
  /// The next request may go here: answered to the end, and the backend keeps it.
  bool reusable() const;
  /// No request for now. False: the backend has closed it or sent more than it was asked.
  bool keep();
  TimePoint kept_since() const { return kept_since_; }
  /// Closes the socket; no call will come any more.
  void close();
  std::size_t place = 0;  ///< in the owner's list

 private:
  enum class Phase : std::uint8_t { kept, head, content, over, broken };

  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void on_turn_end() override { flush(); }
  std::optional<std::size_t> read_now(std::span<std::byte> room);
  void read_head();
  void parse(Bytes fresh);
  void kept_readable();
  void send(Bytes bytes);
  void send_later(Bytes bytes);
  void flush();
  void send_end();
  void fail_head(Error why);
  Error error(const ErrorKind& kind, std::string_view detail = {},
              std::source_location raised = std::source_location::current()) const;
  Result<bool> more_content();
  void wait_until(TimePoint at);
  void set_timer();

  Loop& loop_;
  Wire wire_;
  ConnectionOwner& owner_;
  std::string_view name_;
  const Terms& terms_;
  ConnectionScratch& scratch_;
  http1::ClientCodec codec_;
  http1::RequestWriter writer_;
  CallUser* user_ = nullptr;
  Arena* memory_ = nullptr;
  http::Fields *fields_ = nullptr, *trailers_ = nullptr;
  Buffer in_;                   ///< what came and is not used; owns memory only then
  Buffer out_;                  ///< what the kernel did not take
  Bytes rest_;                  ///< inside on_head(): what stands behind the head
  std::size_t content_ = 0;     ///< octets of content at the front of in_
  std::uint64_t received_ = 0;  ///< of the present answer
  std::uint32_t requests_ = 0;
  std::optional<Error> failed_;
  Deadline deadline_ = kNever;
  TimePoint armed_at_ = kNever, kept_since_{};
  std::chrono::seconds keep_for_{0};
  int error_number_ = 0;  ///< of the last read; 0 with end of stream
  Phase phase_ = Phase::kept;
  bool watched_ = false, readable_ = false, writable_ = true, hung_up_ = false, refuses_ = false;
  bool keeps_ = false, sent_ = false, starved_ = false, full_ = false, body_at_once_ = false,
       chunked_ = false;
  bool tunnel_ = false, end_due_ = false, end_sent_ = false;
};

}  // namespace sally::upstream
