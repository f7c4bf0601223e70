// proto/http1/answer_writer.h - sends one answer at a time into a sink, as far as it has room.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/exchange.h"
#include "http/stamp.h"
#include "proto/codec.h"
#include "proto/http1/head_writer.h"

namespace sally::http1 {

// clang-format off
inline constexpr ErrorKind kAnswerLength{"http1.answer_length", Blame::our_bug, Retry::never,
    "an answer's body is longer or shorter than its content-length", "report the detail to the maintainers",
    "RFC 9112 6.3", -1, 500};
// clang-format on

/// Holds no memory between answers. Text that found no room waits here; body bytes stay in their source.
class AnswerWriter {
 public:
  enum class Step : std::uint8_t {
    done,     ///< the answer is out, to its last byte
    starved,  ///< the body's source has nothing yet; it will wake the exchange
    full,     ///< the sink has no room
  };

  /// Sends the head. Errors: http1.bad_answer, before anything was sent.
  Result<> begin(const http::Exchange& x, const http::Stamp& stamp, bool close, ByteSink& out);
  bool begun() const { return begun_; }
  /// The connection must end after this answer. Valid once begun.
  bool closes() const { return plan_.close; }

  /// Goes on with the body after begin(). Counts x.sent_body_bytes.
  /// errors  http1.answer_length, http1.bad_answer (trailers), and whatever the body's source returns: the
  ///         answer is then cut and the connection must not look as if it had ended well
  Result<Step> write(http::Exchange& x, ByteSink& out);

  /// Sends text of the codec's own in front of what comes next.
  void say(std::string_view text, ByteSink& out);
  /// The same when there is no sink at hand.
  void say_later(std::string_view text) { waiting_ += text; }
  /// Sends text that waits. True when none is left.
  bool flush(ByteSink& out);
  bool waits() const { return !waiting_.empty(); }

  /// Ready for the next answer. Text that waits is kept.
  void end();
  /// The answer was cut: what waits must not go out.
  void drop();

 private:
  Result<Step> write_plain(http::Exchange& x, ByteSink& out);
  Result<Step> write_chunks(http::Exchange& x, ByteSink& out);
  Result<> end_chunks(const http::Exchange& x, ByteSink& out);

  std::string waiting_;
  AnswerPlan plan_;
  std::uint64_t left_ = 0;        ///< of Framing::length
  std::uint64_t chunk_left_ = 0;  ///< of a chunk whose size was sent
  bool begun_ = false, body_done_ = false;
};

}  // namespace sally::http1
