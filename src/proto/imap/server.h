// proto/imap/server.h - the server's part of IMAP before TLS, and what it hides inside.
#pragma once
#include "proto/server_side.h"

namespace sally::imap {

/// CAPABILITY lists STARTTLS and LOGINDISABLED; NOOP and LOGOUT work; logins are NO [PRIVACYREQUIRED].
/// source  RFC 9051 6.2.1, 6.2.3, 7.1, 7.2.2; RFC 5530 3
extern const proto::ServerSide kServerSide;

}  // namespace sally::imap
