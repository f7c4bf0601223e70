// load/doze.h - how long a thread may sleep with its eyes shut while a server on the same machine is at work.
#pragma once
#include <cstdint>

#include "base/time.h"

namespace sally::load {

/// On loopback it is the server that wakes its client, and pays for it: a client that waits for each answer
/// costs a server more than one that looks after a while and finds several. Over a network nobody pays for
/// that. Not thread-safe.
class Doze {
 public:
  /// Nothing is there to be read. `ended`: requests so far; `open`: those under way.
  /// How long to sleep before the next look; zero: wait for the sockets. Never more than an eighth of the
  /// time that the server needs for what is under way, so that it does not run out of work, nor than 250 us.
  Duration next(TimePoint now, std::uint64_t ended, std::uint64_t open);

 private:
  TimePoint since_{};
  std::uint64_t ended_since_ = 0, ended_last_ = 0;
  Duration each_{};  ///< from one answer to the next, lately
};

}  // namespace sally::load
