// gateway/control.h - the unix socket by which `sallyport reload` and its kin give orders to a running
// gateway.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "gateway/verdict.h"
#include "loop/loop.h"
#include "os/fd.h"
#include "os/privileges.h"

namespace sally::gateway {

inline constexpr ErrorKind kControlUnusable{
    "control.unusable",
    Blame::operator_config,
    Retry::never,
    "the socket for orders cannot be opened",
    "make the state folder writable for this account; SIGHUP works without the socket",
    "",
    -1,
    0};
inline constexpr ErrorKind kNotRunning{
    "control.not_running",
    Blame::operator_config,
    Retry::later,
    "no running gateway of this configuration was found",
    "start it, or name its configuration (--config) and its state folder (--state) as it was started",
    "",
    -1,
    0};

/// Where the socket of the gateway lies that serves `what`, a configuration file or a folder. One name for
/// each of them, so that several gateways of one account do not meet.
std::filesystem::path control_path(const std::filesystem::path& state, const std::filesystem::path& what);

/// Listens for orders: one line each, answered with "good" or "refused" on a line, then the text. The folder
/// is 0700 and the socket 0600; besides, only root and the gateway's own account are heard. Belongs to the
/// main thread.
class Control final : private Pollable {
 public:
  /// Gets the order's word; answers now or later.
  using Order = std::function<void(std::string_view word, Reply reply)>;

  /// `owner`: the account that the gateway will be; null: the one that it is. A socket that another running
  /// gateway answers on is left alone, unless `replace`. Errors: control.unusable, loop.system_call.
  static Result<std::unique_ptr<Control>> make(Loop& loop, std::filesystem::path path, const Account* owner,
                                               bool replace, Order order);
  /// Removes the socket if it still is this one.
  ~Control();

 private:
  class Caller;
  Control(Loop& loop, std::filesystem::path path, Order order)
      : loop_(loop), path_(std::move(path)), order_(std::move(order)) {}
  Result<> open(const Account* owner, bool replace);
  void on_events(std::uint32_t events) override;

  Loop& loop_;
  std::filesystem::path path_;
  Order order_;
  Fd folder_, socket_;
  std::uint64_t inode_ = 0;
  std::vector<std::shared_ptr<Caller>> callers_;
};

/// Gives an order and waits for what comes of it, for at most two minutes.
/// Errors: control.not_running, control.unusable when the gateway ends without an answer.
Result<Verdict> give_order(const std::filesystem::path& path, std::string_view word);

}  // namespace sally::gateway
