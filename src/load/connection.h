// load/connection.h - one of the connections of a run: opened, kept busy, and opened again when it ends.
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
#include "os/fd.h"
#include "tls/server_session.h"

namespace sally::load {

// clang-format off
inline constexpr ErrorKind kNotSpoken{"load.version_not_spoken", Blame::upstream, Retry::never,
    "the server does not speak the version of HTTP that was asked for",
    "turn it on at the server, or leave --http out", "RFC 7301 3.2", -1, 0};
// clang-format on

/// Where and what to ask; shared by all threads, which only read it.
struct Origin {
  LoadUrl first;  ///< of its URLs
  SocketAddress address;
  RequestText text;
};

class Connection;

/// What the connections of a thread have in common.
struct Room {
  explicit Room(Loop& l) : loop(l) { io.out = &out; }
  virtual ~Room() = default;
  /// `connection` could ask more as soon as something is due.
  virtual void wait_for_due(Connection& connection) = 0;
  /// The whole run is in vain.
  virtual void give_up(Error why) = 0;

  Loop& loop;
  tls::CoreIo io;
  OutBuffer out{std::size_t{128} * 1024, std::size_t{64} * 1024};
  std::array<std::byte, 65536> received;
  std::array<std::byte, 16384> plain;
  std::optional<TlsFacts> facts;  ///< of the first handshake
};

/// Not thread-safe. Everything that it refers to outlives it.
class Connection final : private Pollable, private Deferred {
 public:
  /// `tls`: null for plain http.
  Connection(Room& room, Ledger& ledger, const Plan& plan, const Origin& origin, TlsRules* tls)
      : room_(room), ledger_(ledger), plan_(plan), origin_(origin), tls_(tls) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { part(); }

  /// Connects, if there is anything to do. Only while nothing is open.
  void open();
  /// Something may be due.
  void work();
  /// Looks at the clock, about every kTick.
  void tick();

  bool queued = false;  ///< in the room's list of those that wait for something to be due

 private:
  enum class State : std::uint8_t { idle, paused, connecting, shaking, speaking, parting };

  void on_events(std::uint32_t events) override;
  void on_turn_end() override { on_events(0); }
  bool connected();
  bool begin_tls();
  bool read_socket();
  bool take(Bytes bytes);
  bool shake();
  bool shaken();
  bool book_handshake();
  bool ask_for_ticket();
  void fetch_ticket();
  bool speak(std::string_view alpn);
  bool read_plain();
  bool hear(Bytes plain);
  void ask_more();
  bool flush();
  bool encrypt();
  bool send(Bytes bytes, std::size_t& sent);
  void ended();
  void lost(Failure why);
  void part();
  void close();
  void drop_taken(Failure why);
  bool needs_ticket() const { return plan_.handshakes == Handshakes::resumed && !session_; }

  Room& room_;
  Ledger& ledger_;
  const Plan& plan_;
  const Origin& origin_;
  TlsRules* tls_;
  Fd fd_;
  State state_ = State::idle;
  crypto::Ssl ssl_;
  crypto::SslSession session_;
  std::unique_ptr<Speaker> speaker_;
  std::optional<Asked> taken_;  ///< the handshake that is made now
  TimePoint since_{};           ///< beginning of the connection, or of its parting
  bool hung_up_ = false;        ///< the server's side has ended, behind what is still to be read
  std::uint64_t ended_before_ = 0;
  std::size_t next_url_ = 0;
  std::string plain_, unsent_;  ///< before and after encryption; empty but when the socket is full
  std::size_t plain_at_ = 0, unsent_at_ = 0;
};

inline constexpr Duration kTick = std::chrono::milliseconds(20);

}  // namespace sally::load
