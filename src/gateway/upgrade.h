// gateway/upgrade.h - a new program takes the sockets over, proves that it serves, and only then the old one
// ends.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/listeners.h"
#include "gateway/relay/datagram_listeners.h"
#include "gateway/verdict.h"
#include "loop/loop.h"
#include "os/handover.h"

namespace sally::gateway {

/// The name of Estate::strays among the sockets.
inline constexpr std::string_view kStrays = "datagrams of the connections before";

/// One attempt, on the main thread of the program that runs.
class Upgrade final : private Pollable, private Timer {
 public:
  /// What the successor gets.
  struct Estate {
    std::string program;                 ///< absolute path: what stands there now is started
    std::vector<std::string> arguments;  ///< as this process was started
    std::vector<std::span<const OpenPort>> ports;
    std::span<const OpenDatagrams> datagrams;
    std::string ticket_keys;  ///< TicketKeys::secrets()
    int strays = -1;          ///< where it gives datagrams of this process's connections; -1: nowhere
  };
  /// Called once: the successor serves, and this process may end, or it was ended and why.
  using Ended = std::function<void(Verdict verdict)>;

  /// Starts the program and gives it everything. Errors: os.handover_failed, os.call_failed,
  /// loop.system_call.
  static Result<std::unique_ptr<Upgrade>> begin(Loop& loop, Estate estate, Ended ended);
  ~Upgrade();
  /// The process that was started.
  pid_t successor() const { return pid_; }

 private:
  Upgrade(Loop& loop, Successor successor, Ended ended)
      : loop_(loop), successor_(std::move(successor)), pid_(successor_.pid()), ended_(std::move(ended)) {}
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void end(Verdict verdict);

  Loop& loop_;
  Successor successor_;
  const pid_t pid_;
  Ended ended_;
  bool watched_ = false;
};

}  // namespace sally::gateway
