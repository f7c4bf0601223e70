// load/link.h - one of the connections of a run, whatever it speaks: when it is opened and what is booked.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/out_buffer.h"
#include "load/ledger.h"
#include "load/request_text.h"
#include "load/tls_rules.h"
#include "loop/loop.h"
#include "net/socket_address.h"
#include "quic/client_socket.h"
#include "tls/server_session.h"

namespace sally::load {

// clang-format off
inline constexpr ErrorKind kNotSpoken{"load.version_not_spoken", Blame::upstream, Retry::never,
    "the server does not speak the version of HTTP that was asked for",
    "turn it on at the server, or leave --http out", "RFC 7301 3.2", -1, 0};
// clang-format on

inline constexpr Duration kTick = std::chrono::milliseconds(20);

/// Where and what to ask; shared by all threads, which only read it.
struct Origin {
  LoadUrl first;  ///< of its URLs
  SocketAddress address;
  RequestText text;
};

class Link;

/// What an errno of a socket is booked as.
Failure failure_of(int error_number);

/// What the connections of a thread have in common.
struct Room {
  explicit Room(Loop& l) : loop(l) { io.out = &out; }
  virtual ~Room() = default;
  /// `link` could ask more as soon as something is due.
  virtual void wait_for_due(Link& link) = 0;
  /// The next that waits is a connection that is not made yet.
  virtual bool waits_to_connect() const = 0;
  /// The whole run is in vain.
  virtual void give_up(Error why) = 0;

  Loop& loop;
  tls::CoreIo io;
  OutBuffer out{std::size_t{128} * 1024, std::size_t{64} * 1024};
  std::array<std::byte, 65536> received;
  std::array<std::byte, 16384> plain;
  quic::ClientBuffers datagrams;
  std::optional<TlsFacts> facts;  ///< of the first handshake
};

/// Opened, kept busy, and opened again when it ends. Not thread-safe. Everything that it refers to outlives
/// it.
class Link {
 public:
  struct Parts {
    Room& room;
    Ledger& ledger;
    const Plan& plan;
    const Origin& origin;
    TlsRules* tls;  ///< null for plain http
  };
  explicit Link(const Parts& parts)
      : room_(parts.room), ledger_(parts.ledger), plan_(parts.plan), origin_(parts.origin), tls_(parts.tls) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;

  /// Connects, if there is anything to do. Only while nothing is open.
  virtual void open() = 0;
  /// Something may be due.
  virtual void work() = 0;
  /// Looks at the clock, about every kTick.
  virtual void tick() = 0;
  /// Connected, hands shaken, and no end in sight.
  virtual bool is_up() const = 0;

  bool queued = false;  ///< in the room's list of those that wait for something to be due

 protected:
  /// False: there is nothing to do, or not yet.
  bool begin_attempt();
  /// What was taken failed. A server that refuses is asked again after a pause, by tick(); so is one that
  /// ended many requests at once.
  void fail_attempt(Failure why);
  /// A client's end, with the session that is to be resumed. Null: the run was given up.
  crypto::Ssl start_tls();
  /// A handshake is through.
  void note_handshake(const SSL& ssl);
  /// That was what the attempt was for.
  void book_handshake(bool resumed);
  bool needs_ticket() const {
    return plan_.counts_handshakes() && plan_.handshakes == Handshakes::resumed && !session_;
  }
  /// The session that the server may have given, for the next connection.
  void keep_session();
  /// The next request that is due. nullopt: none; work() is called when there is one.
  std::optional<Asked> next_request();
  /// The next of the origin's, in turns.
  std::size_t next_url();

  Room& room_;
  Ledger& ledger_;
  const Plan& plan_;
  const Origin& origin_;
  TlsRules* tls_;
  crypto::SslSession session_;  ///< to be resumed
  crypto::SslSession fresh_;    ///< given by the server since
  TimePoint since_{};           ///< beginning of the connection, or of its parting

 private:
  std::optional<Asked> taken_;  ///< what the connection is made for: a handshake, or its first request
  std::uint64_t ended_before_ = 0;
  std::size_t next_url_ = 0;
};

}  // namespace sally::load
