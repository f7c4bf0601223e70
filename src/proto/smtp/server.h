// proto/smtp/server.h - the server's part of SMTP before TLS, and what it hides inside.
#pragma once
#include "proto/server_side.h"

namespace sally::smtp {

/// EHLO lists STARTTLS and no AUTH; NOOP, RSET and QUIT work; everything else is 530.
/// source  RFC 3207 4, RFC 5321 4
extern const proto::ServerSide kServerSide;

}  // namespace sally::smtp
