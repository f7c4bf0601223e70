// upstream/backend.h - one backend as one core uses it: its addresses, its connections, those that are kept.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "loop/task.h"
#include "net/resolver.h"
#include "net/socket_address.h"
#include "upstream/address.h"
#include "upstream/connection.h"
#include "upstream/errors.h"
#include "upstream/gate.h"
#include "upstream/h2_connection.h"

namespace sally::upstream {

/// What the backends of one core share.
struct CoreParts {
  Loop& loop;
  ConnectionScratch& scratch;
  Resolver* resolver = nullptr;  ///< for backends that are written by name; null: there are none
};

/// Not thread-safe: one for each core. Outlives every exchange that uses it.
class Backend final : private ConnectionOwner, private H2Owner, private Deferred {
 public:
  /// After a failure a name is not asked for again during this time; until then the old addresses hold.
  static constexpr std::chrono::seconds kPause{5};
  /// A request that may not be repeated goes on a kept connection only if it was used within this time:
  /// longer ones may just be closing.
  static constexpr std::chrono::seconds kFresh{1};

  /// rules  of TLS, for an address that is secure; else null
  Backend(const CoreParts& core, Address address, const Terms& terms,
          std::shared_ptr<tls::ClientRules> rules = nullptr);
  Backend(const Backend&) = delete;
  ~Backend();

  const Address& address() const { return address_; }
  Loop& loop() const { return core_.loop; }
  const Terms& terms() const { return terms_; }

  /// A call on a connection that was kept, or on one of HTTP/2 that has room; null if there is none.
  /// repeatable  the request may be sent again if the backend closes this one just now
  /// only_http1  as with connect()
  Call* kept(bool repeatable, bool only_http1 = false);
  /// A call on a new connection, to whichever of the name's addresses answers first.
  /// Where HTTP/2 may come of it, who asks meanwhile waits and shares it.
  /// Errors: upstream.not_connected, upstream.connect_timeout, with the cause.
  /// first  what goes out before all else, such as a PROXY protocol header: then nobody shares it
  /// only_http1  not one of HTTP/2, which carries no upgrades; the backend must not be one of h2c
  Task<Result<Call*>> connect(std::string first = {}, bool only_http1 = false);
  /// A socket that is connected to whichever of the name's addresses answers first, for what is not HTTP.
  /// Errors: net.*, dns.*
  Task<Result<Fd>> open_socket();
  const std::shared_ptr<tls::ClientRules>& rules() const { return rules_; }

  std::size_t open_connections() const { return open_.size() + shared_.size(); }
  std::size_t kept_connections() const { return kept_.size(); }

 private:
  void kept_ended(Connection& c) override;
  void give_back(Connection& c) override;
  void drop(Connection& c) override;
  void settled(H2Connection&) override { opened_.open(); }
  void ended(H2Connection& c) override;
  void on_turn_end() override;
  Call* shared();
  bool may_settle() const;
  bool may_share() const { return address_.http2 || (address_.secure && !only_http1_); }
  Task<Result<Wire>> open_wire(const std::string& first, bool only_http1);
  Result<Call*> take_in(Wire wire, bool only_http1);
  Task<Result<Unit>> find_addresses();

  CoreParts core_;
  Address address_;
  Terms terms_;
  std::shared_ptr<tls::ClientRules> rules_;
  http::HttpLimits limits_;
  http2::ClientLimits h2_limits_;
  std::vector<SocketAddress> addresses_;
  TimePoint addresses_until_{};
  std::vector<std::unique_ptr<Connection>> open_, dead_;
  std::vector<Connection*> kept_;  ///< used last at the end
  std::vector<std::unique_ptr<H2Connection>> shared_, dead_shared_;
  Gate opened_;
  bool opening_ = false;     ///< a connection that may be shared
  bool only_http1_ = false;  ///< what the last handshake chose
};

}  // namespace sally::upstream
