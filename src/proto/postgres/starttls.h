// proto/postgres/starttls.h - the client's way to TLS in the protocol of PostgreSQL.
#pragma once
#include "proto/dialogue.h"

namespace sally::postgres {

/// SSLRequest; one letter comes back.
/// source  PostgreSQL manual, "SSL Session Encryption"
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);
/// A startup message without TLS: is a password asked for (PostgreSQL manual, \"Start-up\")?
std::unique_ptr<proto::Dialogue> make_plain_login(const proto::DialogueNames& names);
/// To be put behind the request for TLS, in one segment.
std::string early_command(const proto::DialogueNames& names);

}  // namespace sally::postgres
