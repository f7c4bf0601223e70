// proto/mysql/starttls.h - the client's way to TLS in the protocol of MySQL and MariaDB.
#pragma once
#include "proto/dialogue.h"

namespace sally::mysql {

/// The greeting says whether TLS is there; SSLRequest starts it.
/// source  MySQL internals, Protocol::HandshakeV10, Protocol::SSLRequest
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);

}  // namespace sally::mysql
