// upstream/call.h - one request to a backend and its answer, whichever version of HTTP carries them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "http/body.h"
#include "http/fields.h"
#include "proto/request_head.h"

namespace sally::upstream {

struct AnswerHead {
  int status = 0;                               ///< 100..599
  std::optional<std::uint64_t> content_length;  ///< of HEAD and 304 too
};

/// Whose request a call carries. The calls to it come from the loop, never from inside one of its own; from
/// each of them the call may be given back or dropped.
struct CallUser {
  /// A head, 1xx or final; its fields stand where begin() was told. Of a final one, take_whole() and view()
  /// give the content.
  virtual void on_head(const AnswerHead& head) = 0;
  /// Content, its end or an error came after a view() that had nothing.
  virtual void on_content() = 0;
  /// No answer will come: the connection broke, or a timer fired.
  virtual void on_broken(Error why) = 0;
  /// Less than half of the buffer waits to be sent, after there was more.
  virtual void on_room() = 0;

 protected:
  ~CallUser() = default;
};

/// After a 101 a call is a tunnel: send_body() and view() carry bytes of another protocol, end_body() ends
/// our side, and only after that idle_timeout runs.
///
/// A connection of HTTP/1.1, or a stream of HTTP/2. Its life: begin(), start() and field()s, send_head(), the
/// body; the answer; give_back() or drop(). It reads only what its user has room for, so a slow client slows
/// the backend and costs at most `buffer_bytes` in each direction.
class Call : public HeadSink {
 public:
  /// The answer's fields go to `fields` and `trailers`, as views into `memory`. All outlive the call.
  virtual void begin(CallUser& user, Arena& memory, http::Fields& fields, http::Fields& trailers) = 0;

  // --- the request
  /// The head that was written since begin() goes out; at the end of the turn if a body follows at once. The
  /// answer's timer begins if the request has no body.
  virtual void send_head() = 0;
  /// Bytes of the body; they are sent at the end of the turn together with what else comes until then.
  virtual void send_body(Bytes bytes) = 0;
  /// The request is whole: the answer's timer begins.
  virtual void end_body(const http::Fields& trailers) = 0;
  /// Room for bytes of the body; on_room() follows if it is 0.
  virtual std::size_t room() const = 0;
  /// The backend takes no more of the request. Its answer may still come.
  virtual bool refuses() const = 0;

  // --- the answer, after the final head
  /// Inside on_head(): all of the content, if it is there and no trailers follow; it then stands in `memory`.
  virtual std::optional<Bytes> take_whole() = 0;
  /// See http::BodySource. Errors: upstream.bad_answer, upstream.idle_timeout, upstream.closed_early.
  virtual Result<http::BodyView> view(std::size_t want) = 0;
  virtual void consume(std::size_t n) = 0;
  /// The content is whole and consumed.
  virtual bool over() const = 0;

  // --- afterwards
  /// Nothing of the answer has come.
  virtual bool untouched() const = 0;
  /// The connection served a request before this one.
  virtual bool reused() const = 0;
  /// The user is done with it: the connection is kept, or closed. The call is destroyed at the end of the
  /// turn at the earliest, and says nothing any more.
  virtual void give_back() = 0;
  /// The same for a request that broke off.
  virtual void drop() = 0;

 protected:
  ~Call() = default;
};

}  // namespace sally::upstream
