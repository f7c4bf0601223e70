// proto/ftp/server.h - the server's part of FTP before TLS.
#pragma once
#include "proto/server_side.h"

namespace sally::ftp {

/// AUTH TLS, FEAT, NOOP and QUIT work; everything else is 530.
/// source  RFC 4217 4, 10; RFC 2389 3
extern const proto::ServerSide kServerSide;

}  // namespace sally::ftp
