// load/speaker.h - the client's half of one connection of HTTP, as bytes in and bytes out: what both versions
// look like from outside.
#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "load/tally.h"

namespace sally::load {

// clang-format off
inline constexpr ErrorKind kBadAnswer{"load.bad_answer", Blame::upstream, Retry::never,
    "the server's answer breaks the rules of its protocol", "report the server's software as broken",
    "RFC 9112 2.2, RFC 9113 5.4", -1, 0};
// clang-format on

/// When a request should have been asked, and when it was: the same but for a fixed rate.
struct Asked {
  TimePoint due, at;
};

/// Where a speaker tells what became of each request. `due` is the time that ask() was given.
struct AnswerSink {
  /// The whole answer is there. `status`: 200..599, or what else the server wrote of three digits.
  virtual void answered(unsigned status, TimePoint due) = 0;
  virtual void failed(Failure why, TimePoint due) = 0;
  /// The server said that it has not looked at the request: it may be asked again.
  virtual void unprocessed(TimePoint due) = 0;
  virtual void took_body(std::size_t bytes) = 0;

 protected:
  ~AnswerSink() = default;
};

/// Never waits. `out` collects what is to be sent.
class Speaker {
 public:
  virtual ~Speaker() = default;

  /// What is said before anything is asked.
  virtual void begin(std::string& out) = 0;
  /// One more request can be asked now.
  virtual bool has_room() const = 0;
  /// `url`: its number among the origin's. Only if has_room().
  virtual void ask(std::size_t url, Asked when, std::string& out) = 0;
  /// Takes all of `in`. Errors: load.bad_answer; requests on their way are then still to be abandoned.
  virtual Result<> receive(Bytes in, std::string& out) = 0;
  /// More of the bodies, as far as the server's windows and a bound of 256 KiB allow.
  virtual void send_more(std::string& out) = 0;
  /// Requests without an answer.
  virtual unsigned pending() const = 0;
  /// Nothing more can be asked on this connection: the server said so, or it has had its share. With nothing
  /// pending it can be closed.
  virtual bool is_leaving() const = 0;
  /// What is said last, when it is closed in order.
  virtual void leave(std::string& out) = 0;
  /// Gives up what was asked before `limit`. False: the connection is of no use any more.
  virtual bool expire(TimePoint limit, std::string& out) = 0;
  /// The server closed its side in order. An answer that reaches to the end of the connection is now whole.
  virtual void end_of_stream() = 0;
  /// Everything pending failed.
  virtual void abandon(Failure why) = 0;
};

}  // namespace sally::load
