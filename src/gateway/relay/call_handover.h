// gateway/relay/call_handover.h - a connection of the web that turned out to be a call of SSTP, on its way to
// a Relay.
#pragma once
#include <memory>

#include "base/bytes.h"
#include "gateway/site.h"
#include "http/connection_facts.h"
#include "tls/server_session.h"

namespace sally::gateway {

/// MS-SSTP 3.2.4.1: how a call begins, where a request is due.
inline constexpr std::string_view kCallMethod = "SSTP_DUPLEX_POST ";

/// The bytes are valid as long as the connection.
struct CallHandover {
  tls::ServerSession tls;
  Bytes sealed;  ///< came and was not decrypted
  Bytes plain;   ///< decrypted, from the method on
  http::ConnectionFacts facts;
  std::shared_ptr<Site> site;
};

}  // namespace sally::gateway
