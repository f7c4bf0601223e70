// check/dialer.h - every connection of a check goes through here: counted, timed, and told apart by how it
// ended.
#pragma once
#include <memory>
#include <string>

#include "loop/loop.h"
#include "loop/task.h"
#include "net/socket_address.h"
#include "net/stream.h"
#include "tls/server_flight.h"

namespace sally::check {

inline constexpr ErrorKind kOutOfConnections{
    "check.too_many_connections",
    Blame::operator_config,
    Retry::never,
    "the check has used all connections that it may open to one address",
    "raise --connections",
    "",
    -1,
    0};
inline constexpr ErrorKind kOutOfTime{"check.out_of_time",
                                      Blame::operator_config,
                                      Retry::later,
                                      "the check has used all its time",
                                      "raise --timeout",
                                      "",
                                      -1,
                                      0};

/// What a server did with a ClientHello. Being refused is an answer, not an error.
struct Answer {
  enum class End : std::uint8_t {
    flight,         ///< TLS was spoken: a ServerHello or an alert
    stranger,       ///< something else was spoken
    closed,         ///< the end of the stream came instead
    reset,          ///< the connection was torn down
    silent,         ///< nothing came in time
    malformed,      ///< TLS that breaks its grammar or a limit
    refused,        ///< the port is closed
    unreachable,    ///< no way to the host
    dropped,        ///< no answer to the attempt to connect
    not_connected,  ///< no connection for a reason on this side
  };
  End end = End::not_connected;
  tls::ServerFlight flight;
  std::string why;  ///< for people; empty for a flight

  bool has_hello() const { return end == End::flight && flight.hello.has_value(); }
  /// The server said or showed that it does not want this hello, so the question is answered.
  bool is_refusal() const {
    return end == End::closed || end == End::reset || (end == End::flight && !flight.hello && flight.alert);
  }
  bool has_alert(std::uint8_t description) const {
    return end == End::flight && flight.alert && flight.alert->description == description;
  }
  /// "alert handshake_failure", "closed the connection": what it did, after "the server".
  std::string text() const;
};

struct DialLimits {
  std::chrono::milliseconds connect{3000}, answer{4000};
  unsigned connections = 250;  ///< to one address
  TimePoint end;               ///< of the whole check
};

/// One address of one target. Must outlive the tasks that use it.
class Dialer {
 public:
  Dialer(Loop& loop, const SocketAddress& address, const DialLimits& limits)
      : loop_(loop), address_(address), limits_(limits) {}

  /// Connects, sends, reads as far as `until` says, closes. `pieces`: sent one after the other, with a pause.
  Task<Answer> ask(std::vector<std::string> pieces, tls::FlightReader::Until until);
  Task<Answer> ask(std::string hello, tls::FlightReader::Until until = tls::FlightReader::Until::hello);

  /// A connection for a longer talk. Errors: check.too_many_connections, check.out_of_time, net.*, loop.*.
  Task<Result<std::unique_ptr<Stream>>> open();
  /// By when the next answer must be there.
  Deadline answer_by() const;

  Loop& loop() const { return loop_; }
  const SocketAddress& address() const { return address_; }
  const DialLimits& limits() const { return limits_; }
  unsigned connections() const { return used_; }

 private:
  Loop& loop_;
  SocketAddress address_;
  DialLimits limits_;
  unsigned used_ = 0;
};

/// Writes all of it. Errors: net.socket, check.out_of_time.
Task<Result<Unit>> send_all(Stream& stream, std::string bytes, Deadline by);

}  // namespace sally::check
