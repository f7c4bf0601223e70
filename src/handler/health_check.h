// handler/health_check.h - asks one backend again and again whether it is well, and posts what it finds.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/arena.h"
#include "handler/balance_config.h"
#include "http/fields.h"
#include "loop/task.h"
#include "upstream/backend.h"
#include "upstream/board.h"
#include "upstream/health_state.h"

namespace sally::handler {

/// Every core has one for each backend, and only one of them asks: whoever took the post's `checked` first.
/// When that one goes, another takes over.
class HealthCheck final : private upstream::CallUser, private Timer {
 public:
  /// `config` outlives it. rules: of TLS, for a secure address. tell: gets a line when the verdict changes.
  HealthCheck(const HealthConfig& config, const upstream::CoreParts& core, const upstream::Address& address,
              std::shared_ptr<tls::ClientRules> rules, std::shared_ptr<upstream::Posted> posted,
              std::function<void(const std::string&)> tell);
  ~HealthCheck() override;

 private:
  static constexpr std::size_t kMostBody = 64 * 1024;  ///< that is searched

  void on_timer() override;
  void on_head(const upstream::AnswerHead& head) override;
  void on_content() override;
  void on_broken(Error why) override;
  void on_room() override {}

  void begin();
  Task<Result<Unit>> connect();
  Task<Result<Unit>> hear_greeting();
  void search(Bytes more);
  void conclude(bool good, const std::string& why);

  const HealthConfig& config_;
  Loop& loop_;
  upstream::Terms terms_;
  upstream::Backend backend_;
  std::shared_ptr<upstream::Posted> posted_;
  std::function<void(const std::string&)> tell_;
  upstream::HealthState state_;
  Running<Result<Unit>> connecting_;
  upstream::Call* call_ = nullptr;
  Arena memory_;
  http::Fields fields_, trailers_;
  std::string body_;
  TimePoint began_{};
  bool mine_ = false, under_way_ = false;
};

}  // namespace sally::handler
