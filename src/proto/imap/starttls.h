// proto/imap/starttls.h - the client's way to TLS in IMAP.
#pragma once
#include "proto/dialogue.h"

namespace sally::imap {

/// Greeting, CAPABILITY, STARTTLS. Without LOGINDISABLED a login in plain text is possible.
/// source  RFC 9051 6.2.1, 6.2.3, 7.1
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);
/// To be put behind the request for TLS, in one segment.
std::string early_command(const proto::DialogueNames& names);

}  // namespace sally::imap
