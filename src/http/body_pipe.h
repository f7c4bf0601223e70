// http/body_pipe.h - a request's body on its way from the codec that receives it to the handler that wants
// it.
#pragma once
#include <coroutine>
#include <cstdint>
#include <optional>

#include "base/buffer.h"
#include "http/fields.h"

namespace sally::http {

// clang-format off
inline constexpr ErrorKind kBodyTooLarge{"http.body_too_large", Blame::peer, Retry::never,
    "the request's body is larger than this server takes", "send less, or raise limits.body_bytes",
    "RFC 9110 15.5.14", -1, 413};
// clang-format on

/// Bounded, single reader, one core. The codec pushes at most room() bytes; what the handler consumes is
/// reported through `taken`, so that the codec can read on (HTTP/1.1) or open the window (HTTP/2 and 3).
/// A pipe that nobody wants discards what comes and reports it as taken at once.
class BodyPipe {
 public:
  /// What the pipe tells the codec. Only notes and schedules.
  struct Writer {
    virtual void taken(BodyPipe& pipe, std::size_t n) = 0;
    /// The reader waits for bytes and there are none: time for a 100 (RFC 9110 10.1.1).
    virtual void wanted(BodyPipe&) {}

   protected:
    ~Writer() = default;
  };

  explicit BodyPipe(std::size_t limit_bytes) : bytes_(limit_bytes), limit_(limit_bytes) {}

  // --- the codec's end
  void open(Writer& writer) { writer_ = &writer; }
  /// The most that the whole body may have, in bytes; 0: no limit. What goes past it breaks the pipe with
  /// http.body_too_large and is thrown away.
  void limit_total(std::uint64_t bytes) { total_limit_ = bytes; }
  std::uint64_t total_limit() const { return total_limit_; }
  std::size_t room() const { return discarding_ ? limit_ : limit_ - bytes_.size(); }
  /// At most room() bytes.
  Result<> push(Bytes bytes);
  /// The body is whole. Trailers are views into the exchange's arena.
  void finish();
  /// The body will never be whole: the reader gets `error` once the bytes before it are read.
  void break_with(Error error);
  Fields trailers;
  /// As new.
  void recycle();

  // --- the handler's end
  /// Awaits bytes, the end or a break. Resolves to what is there now; empty: the end.
  struct More {
    BodyPipe& pipe;
    bool await_ready() const { return pipe.settled(); }
    void await_suspend(std::coroutine_handle<> h) {
      pipe.reader_ = h;
      if (pipe.writer_) pipe.writer_->wanted(pipe);
    }
    Result<Bytes> await_resume();
    ~More() { pipe.reader_ = {}; }
  };
  More more() { return {*this}; }
  void consume(std::size_t n);
  /// Throws away what is there and what will come.
  void discard();

  std::uint64_t received_bytes() const { return received_; }
  bool finished() const { return finished_; }
  /// What is pushed now is thrown away.
  bool discarding() const { return discarding_; }
  /// A reader waits in more().
  bool awaited() const { return static_cast<bool>(reader_); }

 private:
  bool settled() const { return !bytes_.empty() || finished_ || broken_; }
  void resume_reader();

  Buffer bytes_;
  std::size_t limit_;
  std::uint64_t received_ = 0, total_limit_ = 0;
  Writer* writer_ = nullptr;
  std::optional<Error> broken_;
  std::coroutine_handle<> reader_;
  bool finished_ = false, discarding_ = false;
};

}  // namespace sally::http
