// check/envelope.h - a connection whose TLS goes in packets of another protocol, made to look like one whose
// TLS does not.
#pragma once
#include <memory>
#include <vector>

#include "check/dialer.h"
#include "proto/openvpn/control.h"

namespace sally::check {

inline constexpr ErrorKind kGuarded{"check.guarded",
                                    Blame::upstream,
                                    Retry::never,
                                    "the server says nothing to a reset of OpenVPN's control channel",
                                    "nothing need be wrong: a server with tls-auth or tls-crypt is silent to "
                                    "strangers, and so is a closed or "
                                    "filtered port; ask a client that has the key",
                                    "",
                                    -1,
                                    0};

/// One session of OpenVPN and a pair of sockets: TLS at one end, packets at the other.
class Envelope {
 public:
  /// outer  connected to the server: TCP, or UDP
  Envelope(Loop& loop, std::unique_ptr<Stream> outer, bool by_udp);
  ~Envelope();

  /// Goes as far as TLS may begin, and gives the end at which it does.
  /// Errors: check.guarded, net.connect_refused, net.socket, openvpn.malformed, loop.system_call.
  Task<Result<Fd>> open(Deadline by);
  bool done() const;

 private:
  Result<> send_due();
  Result<bool> receive();
  Result<> unpack();
  Result<bool> step();
  Deadline patience() const;
  Task<Unit> outwards();
  Task<Unit> inwards();

  Loop& loop_;
  std::unique_ptr<Stream> outer_, inner_;
  bool by_udp_, closed_ = false;
  openvpn::Control control_;
  bool asked_ = false;  ///< TLS was said, and nothing came since
  TimePoint asked_at_{};
  std::string packed_;  ///< TCP: what came and is no whole packet yet
  Running<Unit> out_, in_;
};

class Envelopes {
 public:
  Envelope& add(std::unique_ptr<Envelope> one);

 private:
  std::vector<std::unique_ptr<Envelope>> all_;
};

/// A datagram socket that hears only `to`. Errors: net.unreachable, loop.system_call.
Result<std::unique_ptr<Stream>> connect_by_udp(Loop& loop, const SocketAddress& to);

}  // namespace sally::check
