// proto/ldap/server.h - the server's part of LDAP before TLS.
#pragma once
#include "proto/server_side.h"

namespace sally::ldap {

/// StartTLS and unbind work; everything else is confidentialityRequired.
/// source  RFC 4511 4.14, A.2; RFC 4513 3.1
extern const proto::ServerSide kServerSide;

}  // namespace sally::ldap
