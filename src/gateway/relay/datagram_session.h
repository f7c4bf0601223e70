// gateway/relay/datagram_session.h - one client of a port of UDP and its backend, with a socket for its
// answers.
#pragma once
#include <list>
#include <optional>

#include "gateway/relay/datagram_group.h"
#include "gateway/relay/relay_record.h"
#include "loop/loop.h"
#include "net/datagram_link.h"

namespace sally::gateway {

// clang-format off
inline constexpr ErrorKind kNoAnswer{"relay.no_answer", Blame::upstream, Retry::later,
    "the backend has never answered the client",
    "look whether the server runs and knows the client; scanners without its keys get no answer either", "", -1, 0};
inline constexpr ErrorKind kMadeRoom{"relay.made_room", Blame::peer, Retry::later,
    "the session made room for a newer one before its client had come back",
    "nothing against forged addresses; else raise max_sessions of the port", "", -1, 0};
// clang-format on

class DatagramSession;

/// The port that it belongs to.
struct SessionHost {
  /// Sends to the client from the address that it had asked.
  virtual void answer(const DatagramSession& session, const DatagramRun& run) = 0;
  /// The client has shown that it hears answers.
  virtual void confirmed(DatagramSession& session) = 0;
  /// It is destroyed at the end of the turn.
  virtual void over(DatagramSession& session) = 0;

 protected:
  ~SessionHost() = default;
};

/// opening --the backend answered, the client said more--> confirmed; both end by time, and when the
/// backend's host says that nobody is there.
class DatagramSession final : private Pollable, private Timer, private RunsTaken {
 public:
  /// Until the client has shown that it hears the answers they may be this many times what it sent: the
  /// address may be somebody else's (as RFC 9000 8.1 has it).
  static constexpr std::uint64_t kMostAnswer = 3;

  struct Parts {
    Loop& loop;
    DatagramBuffers& buffers;
    SessionHost& host;
  };
  struct Ends {
    SocketAddress client, here;
    bool nat = false;
  };
  DatagramSession(const Parts& parts, const Ends& ends, SharedDatagramGroup group, std::size_t member,
                  DatagramLink link);
  ~DatagramSession();

  /// Errors: loop.system_call.
  Result<> start();
  /// opens  it is a first datagram, perhaps sent again
  void take(const DatagramRun& run, bool opens);
  /// It ends in good order.
  void end(std::string_view by);
  /// It ends by a fault.
  void break_off(const Error& why);

  const Ends& ends() const { return ends_; }
  DatagramGroup& group() const { return *group_; }
  std::size_t member() const { return member_; }
  bool is_confirmed() const { return confirmed_; }
  RelayRecord& record() { return record_; }
  /// Its place among those that are not confirmed.
  std::optional<std::list<DatagramSession*>::iterator> place;

 private:
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void on_run(const DatagramRun& run) override;
  Duration patience() const;

  Parts parts_;
  Ends ends_;
  SharedDatagramGroup group_;
  std::size_t member_;
  DatagramLink link_;
  RelayRecord record_;
  TimePoint moved_at_;
  bool watched_ = false, answered_ = false, confirmed_ = false, over_ = false;
};

}  // namespace sally::gateway
