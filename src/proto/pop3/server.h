// proto/pop3/server.h - the server's part of POP3 before TLS, and what it hides inside.
#pragma once
#include "proto/server_side.h"

namespace sally::pop3 {

/// CAPA lists STLS and no way to log in; QUIT works; everything else is -ERR.
/// source  RFC 2595 4, RFC 2449 5
extern const proto::ServerSide kServerSide;

}  // namespace sally::pop3
