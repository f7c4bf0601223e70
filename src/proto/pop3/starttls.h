// proto/pop3/starttls.h - the client's way to TLS in POP3.
#pragma once
#include "proto/dialogue.h"

namespace sally::pop3 {

/// Greeting, CAPA, STLS. USER, or SASL with PLAIN or LOGIN, in CAPA is a login in plain text.
/// source  RFC 2595 4, RFC 2449 6.2, 6.3
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);
/// To be put behind the request for TLS, in one segment.
std::string early_command(const proto::DialogueNames& names);

}  // namespace sally::pop3
