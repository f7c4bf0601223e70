// proto/postgres/server.h - the server's part of PostgreSQL's protocol before TLS.
#pragma once
#include "proto/server_side.h"

namespace sally::postgres {

/// SSLRequest is answered S, GSSENCRequest N, anything else ends the connection. TLS at once is allowed.
/// source  PostgreSQL protocol, "Message Flow: SSL Session Encryption", "GSSAPI Session Encryption"
extern const proto::ServerSide kServerSide;

}  // namespace sally::postgres
