// load/worker.h - one thread of a run: its loop, its connections, its book.
#pragma once
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "load/doze.h"
#include "load/link.h"

namespace sally::load {

class Worker final : public Room, private Timer {
 public:
  struct Share {
    unsigned connections = 1;
    std::size_t first_connection = 0;  ///< in the whole run: says which origin it gets
    Ledger::Terms terms;
  };
  /// `plan` and `origins` must outlive it. Errors: loop.system_call, crypto.call_failed, load.bad_plan.
  static Result<std::unique_ptr<Worker>> make(std::unique_ptr<Loop> loop, const Plan& plan,
                                              std::span<const Origin> origins, const Share& share);
  ~Worker() override;

  /// Until everything is asked and answered, or the run is in vain. On the thread that it is to have.
  void run();
  /// Asks nothing more. From any thread.
  void stop();

  const Ledger::Progress& progress() const { return ledger_.progress(); }
  /// After run().
  Tally& tally() { return ledger_.tally(); }
  const std::optional<TlsFacts>& tls() const { return facts; }
  std::optional<Error>& in_vain() { return in_vain_; }
  /// Whether there is one. From any thread.
  bool is_in_vain() const { return is_in_vain_.load(); }

 private:
  /// Wakes the loop at a time, to the microsecond where the loop's own timers know milliseconds.
  struct Alarm final : Pollable {
    explicit Alarm(Worker& w) : worker(w) {}
    void on_events(std::uint32_t events) override;
    Worker& worker;
    Fd fd;
  };

  Worker(std::unique_ptr<Loop> loop, const Share& share);
  Result<> set_up(const Plan& plan, std::span<const Origin> origins, const Share& share);
  void wait_for_due(Link& link) override;
  bool waits_to_connect() const override { return !waiting_.empty() && !waiting_.front()->is_up(); }
  void give_up(Error why) override;
  void on_timer() override;
  void turn();
  bool is_held();
  void serve_due();
  void set_alarm();

  std::unique_ptr<Loop> own_loop_;
  Ledger ledger_;
  Alarm alarm_;
  std::map<const Origin*, std::unique_ptr<TlsRules>> rules_;
  std::vector<std::unique_ptr<Link>> connections_;
  std::deque<Link*> waiting_;
  Doze doze_;
  bool dozes_ =
      false;  ///< a server on this machine is loaded as fast as possible, on connections that are kept
  bool over_ = false;
  Duration hold_;
  std::optional<TimePoint> held_until_;
  std::optional<Error> in_vain_;
  std::atomic<bool> is_in_vain_{false};
};

}  // namespace sally::load
