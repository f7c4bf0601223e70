// load/ledger.h - one thread's book: what is to be asked next, and what came of what was asked.
#pragma once
#include <atomic>
#include <optional>
#include <vector>

#include "load/schedule.h"
#include "load/speaker.h"
#include "load/tally.h"

namespace sally::load {

/// Not thread-safe but for progress().
class Ledger final : public AnswerSink {
 public:
  struct Terms {
    TimePoint measured_from;              ///< what is due earlier is warm-up, and not counted
    TimePoint end;                        ///< nothing that is due from then on is asked; max(): no end
    std::optional<std::uint64_t> budget;  ///< how many are counted; nullopt: as many as the time allows
    std::optional<Schedule> schedule;     ///< nullopt: as fast as possible
  };
  explicit Ledger(const Terms& terms) : terms_(terms) {}

  /// The time that everything below is booked at.
  void set_now(TimePoint now) { now_ = now; }
  TimePoint now() const { return now_; }

  /// One more to ask now. nullopt: none is due yet, or it is over.
  std::optional<Asked> take();
  /// take() will never give anything again, unless something is put back.
  bool is_over() const;
  /// Over, and everything that was taken has ended.
  bool is_done() const { return is_over() && open_ == 0; }
  /// When the next one of a schedule is due.
  TimePoint next_due() const { return terms_.schedule ? terms_.schedule->due() : now_; }
  /// Nothing more is to be asked, as of now.
  void close();

  void answered(unsigned status, TimePoint due) override;
  void failed(Failure why, TimePoint due) override;
  void unprocessed(TimePoint due) override;
  void took_body(std::size_t bytes) override;
  /// The operation that was taken is a handshake, and it came about.
  void shaken(TimePoint due);
  /// An attempt to connect came to nothing: that ends the next one that would have been asked.
  void fail_next(Failure why);

  /// How many operations have ended, warm-up too.
  std::uint64_t ended() const { return ended_; }
  /// How many are under way.
  std::uint64_t open() const { return open_; }
  Tally& tally() { return tally_; }
  /// What was due and never asked goes into the tally. When all is done.
  void settle();

  struct Progress {
    std::atomic<std::uint64_t> good{0}, failed{0};
  };
  const Progress& progress() const { return progress_; }
  /// Makes progress() say what is true now.
  void publish();

 private:
  bool counts(TimePoint due) const { return due >= terms_.measured_from; }
  void good();

  Terms terms_;
  TimePoint now_{};
  Tally tally_;
  std::vector<TimePoint> returned_;
  std::uint64_t open_ = 0, ended_ = 0, good_ = 0;
  Progress progress_;
};

}  // namespace sally::load
