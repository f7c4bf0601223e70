// proto/xmpp/server.h - the server's part of XMPP before TLS, and what it hides inside.
#pragma once
#include "proto/server_side.h"

namespace sally::xmpp {

/// The features are starttls, required, and nothing else; <auth/> is encryption-required.
/// source  RFC 6120 4.7, 4.9.3, 5.4, 6.5.4
extern const proto::ServerSide kServerSide;

}  // namespace sally::xmpp
