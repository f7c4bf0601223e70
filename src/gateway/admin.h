// gateway/admin.h - the address for whoever runs the gateway: /metrics and /health, beside all sites.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gateway/listeners.h"
#include "gateway/worker.h"
#include "upstream/board.h"

namespace sally::gateway {

/// What is shown; called on the admin's own thread.
struct AdminFacts {
  std::function<std::string()> metrics;
  std::function<bool()> serving;  ///< false: draining
};

/// A worker of its own, with one site that is in no configuration: it answers however busy the others are,
/// and while they drain. Nothing of it is counted or logged.
class Admin {
 public:
  /// Opens the addresses. Errors: net.listen_failed.
  static Result<std::unique_ptr<Admin>> open(const std::vector<ListenAddress>& addresses,
                                             std::vector<InheritedSocket>& inherited);
  ~Admin();

  /// Serves from now on, until it is destroyed. Errors: loop.system_call.
  Result<> start(AdminFacts facts, ErrorLog& errors, OffloadPool& pool);
  const std::vector<OpenPort>& ports() const { return ports_; }

 private:
  SharedGeneration generation_;
  std::vector<OpenPort> ports_;
  std::unique_ptr<ConnectionLimits> counts_;
  upstream::Board board_;  ///< stays empty: this site has no backends
  QuicShared quic_;        ///< likewise
  std::unique_ptr<Worker> worker_;
  std::jthread thread_;
};

}  // namespace sally::gateway
