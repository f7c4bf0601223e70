// proto/ftp/starttls.h - the client's way to TLS in FTP.
#pragma once
#include "proto/dialogue.h"

namespace sally::ftp {

/// Greeting, AUTH TLS.
/// source  RFC 4217 4, 12.2; RFC 959 5.4
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);
/// USER with a name that nobody has: is a password asked for in plain text?
std::unique_ptr<proto::Dialogue> make_plain_login(const proto::DialogueNames& names);
/// To be put behind the request for TLS, in one segment.
std::string early_command(const proto::DialogueNames& names);

}  // namespace sally::ftp
