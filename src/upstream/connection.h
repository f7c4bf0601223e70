// upstream/connection.h - one connection to a backend: a request goes out, its answer is pulled in.
#pragma once
#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "base/buffer.h"
#include "http/body.h"
#include "loop/loop.h"
#include "os/fd.h"
#include "proto/http1/client_codec.h"
#include "upstream/terms.h"

namespace sally::upstream {

class Connection;

/// Whose request a connection carries. The calls come from the loop, never from inside a call to the
/// connection; from each of them the connection may be given back or dropped.
struct ConnectionUser {
  /// A head, 1xx or final; its fields stand where begin() was told. Of a final one, take_whole() and view()
  /// give the content.
  virtual void on_head(const http1::AnswerHead& head) = 0;
  /// Content, its end or an error came after a view() that had nothing.
  virtual void on_content() = 0;
  /// No answer will come: the connection broke, or a timer fired.
  virtual void on_broken(Error why) = 0;
  /// Less than half of the buffer waits to be sent, after there was more.
  virtual void on_room() = 0;

 protected:
  ~ConnectionUser() = default;
};

/// What the connections of one core share.
struct ConnectionScratch {
  static constexpr std::size_t kBytes = 64 * 1024;
  std::byte bytes[kBytes];
};

/// What keeps connections.
struct ConnectionOwner {
  /// A connection that carries no request was closed by the backend, or was kept for long enough.
  virtual void kept_ended(Connection& c) = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// A state machine on the loop, without coroutines. It reads only what its user has room for, so a slow
/// client slows the backend and costs at most `buffer_bytes`. Without a request it holds no buffer.
///
///   kept --begin()--> head --final head--> content --end--> over --(owner)--> kept
///   any --error, timer--> broken
class Connection final : private Pollable, private Timer, private Deferred {
 public:
  /// All of them outlive the connection.
  /// name  the backend's, for errors
  Connection(Loop& loop, Fd socket, ConnectionOwner& owner, std::string_view name, const Terms& terms,
             const http::HttpLimits& limits, ConnectionScratch& scratch);
  ~Connection();
  /// Joins the loop. Errors: loop.system_call.
  Result<> start();

  // --- one request
  /// Its answer's fields go to `fields` and `trailers`, as views into `memory`.
  /// upgrade  the request asks for another protocol. After a 101 this is a tunnel: view() gives what the
  ///          backend says, no timer runs, and the connection is never kept
  void begin(ConnectionUser& user, http::Method method, Arena& memory, http::Fields& fields,
             http::Fields& trailers, bool upgrade = false);
  /// Bytes of the request, sent now as far as the kernel takes them.
  void send(Bytes bytes);
  /// The same, sent at the end of the turn together with what else comes until then.
  void send_later(Bytes bytes);
  /// Room for bytes of a request's body; on_room() follows if it is 0.
  std::size_t room() const;
  /// The request is whole: the answer's timer begins.
  void request_ended();
  /// Of a tunnel: our side ends as soon as what waits is sent. From then on idle_timeout runs.
  void end_sending();
  /// The backend takes no more of the request. Its answer may still come.
  bool refuses() const { return refuses_; }
  /// Nothing of the answer has come.
  bool untouched() const { return received_ == 0; }

  // --- its answer, after the final head
  /// Inside on_head(): all of the content, if it is there; it then stands in `memory`.
  std::optional<Bytes> take_whole();
  /// See http::BodySource. Errors: upstream.bad_answer, upstream.idle_timeout, upstream.closed_early,
  /// upstream.tunnel_broken.
  Result<http::BodyView> view(std::size_t want);
  void consume(std::size_t n);
  /// The content is whole and consumed.
  bool over() const { return phase_ == Phase::over && content_ == 0; }

  // --- for the owner
  /// The next request may go here: answered to the end, and the backend keeps it.
  bool reusable() const;
  /// No request for now. False: the backend has closed it or sent more than it was asked.
  bool keep();
  /// Served a request before this one.
  bool reused() const { return requests_ > 1; }
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
  void flush();
  void send_end();
  void fail_head(Error why);
  Error error(const ErrorKind& kind, std::string_view detail = {},
              std::source_location raised = std::source_location::current()) const;
  Result<bool> more_content();
  void wait_until(TimePoint at);
  void set_timer();

  Loop& loop_;
  Fd fd_;
  ConnectionOwner& owner_;
  std::string_view name_;
  const Terms& terms_;
  ConnectionScratch& scratch_;
  http1::ClientCodec codec_;
  ConnectionUser* user_ = nullptr;
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
  bool keeps_ = false, sent_ = false, starved_ = false, full_ = false;
  bool tunnel_ = false, end_due_ = false, end_sent_ = false;
};

}  // namespace sally::upstream
