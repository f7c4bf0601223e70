// upstream/backend.h - one backend as one core uses it: its addresses, its connections, those that are kept.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "loop/task.h"
#include "net/socket_address.h"
#include "upstream/address.h"
#include "upstream/connection.h"
#include "upstream/errors.h"

namespace sally::upstream {

/// What the backends of one core share.
struct CoreParts {
  Loop& loop;
  ConnectionScratch& scratch;
};

/// Not thread-safe: one for each core. Outlives every exchange that uses it.
class Backend final : private ConnectionOwner, private Deferred {
 public:
  /// A name is looked up again after this time. The system's resolver tells no TTL.
  static constexpr std::chrono::seconds kNamesHold{30};
  /// A request that may not be repeated goes on a kept connection only if it was used within this time:
  /// longer ones may just be closing.
  static constexpr std::chrono::seconds kFresh{1};

  Backend(const CoreParts& core, Address address, const Terms& terms);
  Backend(const Backend&) = delete;
  ~Backend();

  const Address& address() const { return address_; }
  Loop& loop() const { return core_.loop; }
  const Terms& terms() const { return terms_; }

  /// A call on a connection that was kept; null if there is none.
  /// repeatable  the request may be sent again if the backend closes this one just now
  Call* kept(bool repeatable);
  /// A call on a new connection, to whichever of the name's addresses answers first.
  /// Errors: upstream.not_connected, upstream.connect_timeout, with the cause.
  Task<Result<Call*>> connect();

  std::size_t open_connections() const { return open_.size(); }
  std::size_t kept_connections() const { return kept_.size(); }

 private:
  void kept_ended(Connection& c) override;
  void give_back(Connection& c) override;
  void drop(Connection& c) override;
  void on_turn_end() override { dead_.clear(); }
  Task<Result<Fd>> open_socket();
  Task<Result<Unit>> find_addresses();

  CoreParts core_;
  Address address_;
  Terms terms_;
  http::HttpLimits limits_;
  std::vector<SocketAddress> addresses_;
  TimePoint addresses_until_{};
  std::vector<std::unique_ptr<Connection>> open_, dead_;
  std::vector<Connection*> kept_;  ///< used last at the end
};

}  // namespace sally::upstream
