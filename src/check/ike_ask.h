// check/ike_ask.h - questions of IKE by UDP: several on their way at once, sent again, cookies given back.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "check/dialer.h"
#include "proto/ike/offer.h"

namespace sally::check {

/// One first message, and what came back.
struct IkeQuestion {
  std::uint8_t version = ike::kVersion2, exchange = ike::kSaInit;
  std::vector<ike::Payload> payloads;
  std::optional<ike::Message> answer = {};  ///< absent: silence
  bool cookie = false;                      ///< one was asked for and given back

  /// A notice in the answer; null: it has none of this type.
  std::optional<ike::Notice> notice(std::uint16_t type) const;
};

/// How questions are asked.
struct IkeManner {
  bool marked = false;  ///< four zeros go before each message, as on port 4500 (RFC 7296 2.23)
  std::chrono::milliseconds patience{4000};  ///< for one question; it is sent three times
  TimePoint end;                             ///< of the whole check
};

/// Asks all of them, four at once, over one socket. Errors: net.connect_refused (an ICMP message said that
/// nobody listens), net.unreachable, net.socket. Silence is no error.
/// source  RFC 7296 2.1 (retransmission), 2.6 (cookies)
Task<Result<Unit>> ask_ike(Loop& loop, Stream& datagrams, IkeManner manner, std::span<IkeQuestion> all);

}  // namespace sally::check
