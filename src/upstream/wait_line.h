// upstream/wait_line.h - requests that wait until a backend has room again: first come, first served, and not
// for ever.
#pragma once
#include <cstddef>

#include "base/time.h"

namespace sally::upstream {

/// Who stands in a line. Leaves it when destroyed.
class Waiting {
 public:
  Waiting() = default;
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  bool waiting() const { return next_ != nullptr; }
  void leave();

  /// It is first: try again. False: still no room, it stays where it is. True: it is served and has left.
  virtual bool on_turn() = 0;
  /// It stood there for too long, and has left.
  virtual void on_too_long() = 0;

 protected:
  virtual ~Waiting() { leave(); }

 private:
  friend class WaitLine;
  Waiting *next_ = nullptr, *previous_ = nullptr;
  std::size_t* count_ = nullptr;
  TimePoint until_{};
};

/// The line of one group on one core.
class WaitLine {
 public:
  WaitLine();
  WaitLine(const WaitLine&) = delete;
  ~WaitLine();

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  /// All wait equally long, so the first is the first whose time is over.
  void join(Waiting& who, TimePoint until);
  /// Serves from the front as long as there is room, and sends away whose time is over.
  void move(TimePoint now);

 private:
  struct Head final : Waiting {
    bool on_turn() override { return false; }
    void on_too_long() override {}
  } head_;
  std::size_t count_ = 0;
};

}  // namespace sally::upstream
