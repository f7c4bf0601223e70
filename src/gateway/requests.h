// gateway/requests.h - the requests of one connection, whatever carries them: whose they are, who answers,
// and who hears of their end.
#pragma once
#include <cstdint>
#include <memory>

#include "gateway/port.h"
#include "http/connection_facts.h"
#include "http/exchange.h"
#include "http/handler.h"
#include "http/http_limits.h"
#include "loop/task.h"
#include "net/socket_address.h"

namespace sally::gateway {

class Worker;
struct Core;

inline constexpr ErrorKind kMisdirected{"http.misdirected",
                                        Blame::peer,
                                        Retry::fresh_connection,
                                        "this connection does not serve the host that the request names",
                                        "ask on a connection that was made for that name",
                                        "RFC 9110 15.5.20",
                                        -1,
                                        421};
inline constexpr ErrorKind kHandlerBug{"gateway.handler_bug",
                                       Blame::our_bug,
                                       Retry::never,
                                       "answering the request failed in a way that should not happen",
                                       "report the line before this one to the maintainers",
                                       "",
                                       -1,
                                       500};

/// What a connection over TCP and one over QUIC have in common. Its owner has the codec, which owns the
/// exchanges and goes before this.
class Requests : protected http::ExchangeFailures {
 public:
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;
  std::uint64_t door() const { return door_; }
  const SocketAddress& client() const { return client_; }

 protected:
  /// door  the id of the port that the client came by.  id  of the connection, for the log
  Requests(Worker& worker, std::uint64_t door, SharedPort port, const SocketAddress& client,
           std::uint64_t id);
  ~Requests() = default;

  /// Those of the site that the handshake was made for.
  const http::HttpLimits& limits() const;
  /// A request's head is whole: finds its site and begins its answer.
  void begin(http::Exchange& x);
  /// A request has ended: the counts and the log hear of it.
  void end(http::Exchange& x);
  /// Who answers: the site's handler, or that of a route.
  virtual http::Handler& handler_for(Site& site, http::Exchange& x);

  Worker& worker_;
  Core& core_;
  const std::uint64_t door_;
  SharedPort port_;
  const std::shared_ptr<const PortDefaults> defaults_;  ///< the codec refers to them
  SocketAddress client_;
  http::ConnectionFacts facts_;
  std::shared_ptr<Site> site_;  ///< of the handshake

 private:
  // http::ExchangeFailures
  void note(http::Exchange& x, const Error& why) override;
  void give_up(http::Exchange& x, const Error& why) override { fail_politely(x, why); }

  Site* route(const http::Exchange& x) const;
  Task<Result<Unit>> answer(http::Exchange& x, http::Handler& handler);
  void fail_politely(http::Exchange& x, const Error& why);
};

}  // namespace sally::gateway
