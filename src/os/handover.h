// os/handover.h - from a running process to its successor: sockets and secrets over a channel that only the
// two have.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "os/fd.h"
#include "os/notify.h"
#include "os/os_error.h"

namespace sally {

inline constexpr ErrorKind kHandoverFailed{"os.handover_failed",
                                           Blame::system,
                                           Retry::later,
                                           "a process and its successor do not understand each other",
                                           "read why in the detail; a restart needs no understanding",
                                           "",
                                           -1,
                                           0};

/// The side of the process that runs. Its successor is a child with the same standard streams, environment
/// and folder.
class Successor {
 public:
  /// Starts `program` with `arguments` (the first is its name). Errors: os.call_failed, as posix_spawn(3)
  /// gives.
  static Result<Successor> start(const std::string& program, const std::vector<std::string>& arguments);
  Successor(Successor&& o) noexcept;
  Successor& operator=(Successor&&) = delete;
  /// Kills it, unless it was let go.
  ~Successor();

  /// A socket under a name. Blocks for at most ten seconds. Errors: os.handover_failed.
  Result<> give(int socket, std::string_view name) const;
  /// Bytes that are to touch no disk, at most 64 KiB. Errors: as above.
  Result<> give_secret(std::string_view bytes) const;
  /// There is no more. Errors: as above.
  Result<> end() const;

  /// Readable when answer() has something.
  int fd() const { return channel_.get(); }
  struct Answer {
    bool ready = false;
    std::string why;  ///< not ready
  };
  /// What it says; also that it has ended.
  Answer answer() const;
  pid_t pid() const { return pid_; }
  /// It serves now, and goes on when this process ends. Errors: os.handover_failed, when it has gone.
  Result<> let_go();

 private:
  Successor(Fd channel, pid_t pid) : channel_(std::move(channel)), pid_(pid) {}

  Fd channel_;
  pid_t pid_ = -1;
};

/// The side of the process that was started by Successor::start().
class Predecessor {
 public:
  /// Nullopt in a process that nobody started in this way. Takes what it gives. Errors: os.handover_failed.
  static Result<std::optional<Predecessor>> here();

  std::vector<InheritedSocket>& sockets() { return sockets_; }
  const std::string& secret() const { return secret_; }
  /// Forgets the secret.
  void wipe();

  /// Says that this process serves, and waits until the other knows. Errors: os.handover_failed: then the
  /// other one goes on, and this one must end.
  Result<> ready() const;
  /// Says why this process cannot serve.
  void fail_with(std::string_view why) const;

 private:
  explicit Predecessor(Fd channel) : channel_(std::move(channel)) {}

  Fd channel_;
  std::vector<InheritedSocket> sockets_;
  std::string secret_;
};

}  // namespace sally
