// tls/handshake_message.h - the messages of a handshake as they went by: which, whose, how long, when.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/time.h"

namespace sally::tls {

struct HandshakeMessage {
  bool from_client = false;
  bool retry_request = false;  ///< a ServerHello that is a HelloRetryRequest (RFC 8446 4.1.4)
  std::uint8_t type = 0;       ///< RFC 8446 4, RFC 5246 7.4
  std::size_t bytes = 0;       ///< with its header
  TimePoint at{};              ///< when it was made or read
  std::string content = {};    ///< the message itself, if it was asked for

  /// "ServerHello", "HelloRetryRequest"; "message 99" for one without a name.
  std::string name() const;
};

/// Of a whole message with its header; `bytes` of less than four octets give type 0.
HandshakeMessage describe_message(bool from_client, Bytes bytes, TimePoint at);

}  // namespace sally::tls
