// check/dialer.h - every connection of a check goes through here: counted, timed, and told apart by how it
// ended.
#pragma once
#include <coroutine>
#include <memory>
#include <string>

#include "check/host_gate.h"
#include "check/places.h"
#include "check/proxy.h"
#include "loop/loop.h"
#include "loop/task.h"
#include "net/socket_address.h"
#include "net/stream.h"
#include "proto/protocol.h"
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

inline constexpr ErrorKind kNoStartTls{"check.no_starttls",
                                       Blame::upstream,
                                       Retry::never,
                                       "the server does not offer TLS in its plain dialogue",
                                       "turn STARTTLS on, or use the port with TLS from the start",
                                       "RFC 8314 4.1",
                                       -1,
                                       0};
inline constexpr ErrorKind kThrottled{
    "check.throttled",
    Blame::upstream,
    Retry::later,
    "the server says that it has no time for more connections",
    "repeat the check later, or exempt this machine from the server's limits",
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
    no_starttls,    ///< the dialogue before TLS came to its end without it
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
  unsigned at_once = 12;       ///< of these; 3 where a dialogue comes before TLS
  TimePoint end;               ///< of the whole check
};

class Dialer;
class Envelopes;

/// Closes a connection, and lets the next one begin.
struct HangUp {
  Dialer* dialer = nullptr;
  void operator()(Stream* stream) const;
};
using Line = std::unique_ptr<Stream, HangUp>;

/// What was seen between the request for TLS and TLS.
struct PlainTalk {
  bool asked_for_tls = false;  ///< the server listed it, or it was asked for without a list
  std::string left;            ///< bytes in plain text behind the server's consent
  std::string why;             ///< what the server said when it came to no TLS
};

/// How connections come about, where it is not simply by opening them.
struct Way {
  const Proxy* proxy = nullptr;    ///< the dialer's address is the proxy's; null: none
  std::string far_host;            ///< what the proxy is asked for
  std::shared_ptr<HostGate> gate;  ///< shared with other targets at the address; null: nothing is shared
};

/// One address of one target. Must outlive the tasks that use it.
class Dialer final {
 public:
  /// `protocol`: how TLS comes in there. `port`: of the target.
  Dialer(Loop& loop, const SocketAddress& address, const DialLimits& limits, const proto::Protocol& protocol,
         proto::DialogueNames names, std::uint16_t port, Way way = {});

  /// Connects, sends, reads as far as `until` says, closes. `pieces`: sent one after the other, with a pause.
  Task<Answer> ask(std::vector<std::string> pieces, tls::FlightReader::Until until);
  Task<Answer> ask(std::string hello, tls::FlightReader::Until until = tls::FlightReader::Until::hello);
  /// The same, and `line` is the connection, still open; null: it did not come about.
  Task<Answer> ask(std::string hello, tls::FlightReader::Until until, Line& line);

  /// A connection on which TLS may begin. Waits while too many are open.
  /// Errors: check.too_many_connections, check.out_of_time, check.no_starttls, check.throttled, proto.*,
  /// check.proxy_*, net.*, loop.*.
  Task<Result<Line>> open();
  /// A connection on which nothing was said. The same errors without those of the dialogue.
  Task<Result<Line>> connect() { return connect(port_); }
  /// The same, to another port of the address.
  Task<Result<Line>> connect(std::uint16_t port);
  /// Plays the client's part to its end: true when TLS begins. `early` is put behind the request for TLS, in
  /// one segment. Errors: check.throttled, check.no_starttls (the server closed), check.out_of_time, proto.*,
  /// net.*.
  Task<Result<bool>> play(Stream& stream, proto::Dialogue& client, std::string early, PlainTalk& talk);
  /// By when the next answer must be there.
  Deadline answer_by() const;

  Loop& loop() const { return loop_; }
  const SocketAddress& address() const { return address_; }
  const DialLimits& limits() const { return limits_; }
  const proto::Protocol& protocol() const { return protocol_; }
  const proto::DialogueNames& names() const { return names_; }
  unsigned connections() const { return used_; }
  bool by_proxy() const { return way_.proxy != nullptr; }
  /// Hellos that were met by nothing but a close, a reset or silence.
  unsigned unanswered() const { return unanswered_; }
  /// From now on one connection at a time. `why`: what the server did, for people.
  void be_gentle(std::string why);
  /// What the server said when it wanted no more connections; empty: it never did.
  const std::string& throttled() const { return throttled_; }

 private:
  friend struct HangUp;
  struct Place;
  void leave();
  Task<Result<Line>> connect_once(std::uint16_t port);
  Task<Result<Unit>> open_tunnel(Stream& stream, std::uint16_t port);
  Task<Result<Line>> open_once();
  Task<Result<Line>> open_packed();
  void count(const Answer& answer);
  Answer refused(const Error& why);
  Task<Answer> hear_flight(Stream& stream, tls::FlightReader::Until until);

  Loop& loop_;
  SocketAddress address_;
  DialLimits limits_;
  const proto::Protocol& protocol_;
  proto::DialogueNames names_;
  std::uint16_t port_;
  Way way_;
  Places places_;
  unsigned used_ = 0, unanswered_ = 0;
  unsigned stood_ = 0;  ///< connections to the target's own port that came about
  std::string throttled_;
  std::shared_ptr<Envelopes> envelopes_;  ///< of TLS that goes in packets of another protocol; null: none yet
};

/// Reads as far as `until` says, or to the end or the deadline.
Task<Answer> read_flight(Stream& stream, tls::FlightReader::Until until, Deadline by);

/// Writes all of it. Errors: net.socket, check.out_of_time.
Task<Result<Unit>> send_all(Stream& stream, std::string bytes, Deadline by);

}  // namespace sally::check
