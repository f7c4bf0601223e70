// handler/backends.h - the backends of a proxy on one core: one is chosen for each request, and what comes of
// it is learned from.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "handler/health_check.h"
#include "handler/proxy_config.h"
#include "http/exchange.h"
#include "upstream/backend.h"
#include "upstream/board.h"
#include "upstream/group.h"
#include "upstream/retry_budget.h"
#include "upstream/sticky.h"
#include "upstream/wait_line.h"

namespace sally::handler {

/// What a proxy is made of besides its configuration.
struct ProxyParts {
  upstream::CoreParts core;
  upstream::Board& board;
  std::string name;  ///< of its backends on the board: the site, and the route where it is one's
  std::function<void(const std::string&)> tell;  ///< a line for the error log
  /// For each backend; null for those without TLS.
  std::vector<std::shared_ptr<tls::ClientRules>> tls = {};
};

class Backends final : private Timer, private Deferred {
 public:
  /// `config` outlives it.
  Backends(const ProxyConfig& config, const ProxyParts& parts);
  ~Backends() override;

  /// Chooses one that was not tried, and counts a request for it until ended().
  upstream::Group::Pick choose(const http::Exchange& x, upstream::Group::Tried tried);
  /// The same for a connection that carries no requests. client: its address, for Policy::hash.
  upstream::Group::Pick choose(std::string_view client, upstream::Group::Tried tried);
  upstream::Backend& at(std::size_t index) { return *backends_[index]; }
  std::size_t size() const { return backends_.size(); }
  void ended(std::size_t index);
  /// The head of its answer came, so long after it was chosen.
  void answered(std::size_t index, Duration after) { group_->answered(index, after); }
  void succeeded(std::size_t index);
  void failed(std::size_t index);

  /// Puts a request into the line of those that wait for room. False: the line is full.
  bool wait(upstream::Waiting& who);
  upstream::RetryBudget& retries() { return retries_; }
  /// The Set-Cookie that a client needs to come back to this backend; nullopt: none, or it has it.
  std::optional<std::string> cookie_for(const http::Exchange& x, std::size_t index) const;

 private:
  void on_timer() override;
  void on_turn_end() override { move_line(); }
  void move_line();
  std::uint64_t key_of(const http::Exchange& x) const;

  const ProxyConfig& config_;
  Loop& loop_;
  std::function<void(const std::string&)> tell_;
  std::vector<std::unique_ptr<upstream::Backend>> backends_;
  std::optional<upstream::Group> group_;
  std::optional<upstream::Sticky> sticky_;
  upstream::RetryBudget retries_;
  upstream::WaitLine line_;
  std::vector<std::unique_ptr<HealthCheck>> checks_;
};

}  // namespace sally::handler
