// os/signals.h - signals as something to read from a descriptor, so that they arrive in a loop's turn.
#pragma once
#include <initializer_list>
#include <optional>

#include "base/error.h"
#include "os/fd.h"
#include "os/os_error.h"

namespace sally {

/// Takes the given signals out of their normal course. Make it before any thread is started: threads inherit
/// the mask, and a signal that one thread leaves open kills the process.
class SignalSet {
 public:
  /// Blocks `signals` in the calling thread. Errors: os.too_many_files, os.call_failed.
  static Result<SignalSet> take(std::initializer_list<int> signals);

  /// Readable when a signal waits; non-blocking.
  int fd() const { return fd_.get(); }

  /// The next signal's number, or nullopt when none waits.
  std::optional<int> next();

 private:
  explicit SignalSet(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

/// A peer that goes away must give an error from write(), not end the process.
void ignore_broken_pipes();

/// For a child before exec: nothing blocked, as a program expects.
void unblock_all_signals();

}  // namespace sally
