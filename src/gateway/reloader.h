// gateway/reloader.h - from one configuration to the next: checked whole, then served by all cores, or
// refused.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/serving.h"
#include "gateway/verdict.h"
#include "gateway/worker.h"

namespace sally::gateway {

/// Belongs to the main thread. One attempt at a time; who asks meanwhile gets the next one.
class Reloader {
 public:
  struct Parts {
    Loop& loop;
    ErrorLog& errors;
    std::shared_ptr<tls::TicketKeys> tickets;
    std::span<const std::unique_ptr<Worker>> workers;
    std::function<Result<Settings>()> load;
    const Serving& serving;                ///< what is served now
    std::function<void(Serving)> take_up;  ///< the next one is, from now on
    std::function<void(bool applied)> ended;
  };
  explicit Reloader(Parts parts) : parts_(std::move(parts)) {}

  /// Reads the configuration and serves it, or keeps the old one. `reply` may be empty.
  void ask(Reply reply);

 private:
  struct Attempt {
    std::optional<Serving> next;
    std::vector<std::string> kept;
    SiteChanges sites;
    std::vector<Reply> replies;
    std::size_t waiting_for = 0;  ///< workers
    std::optional<Error> failed;
  };
  void begin();
  Result<> prepare();
  void prepared(Result<> by_one);
  void committed();
  void refuse(const Error& why);
  void end(const Verdict& verdict);
  std::string applied_text() const;

  Parts parts_;
  std::vector<Reply> waiting_;
  std::optional<Attempt> attempt_;
};

}  // namespace sally::gateway
