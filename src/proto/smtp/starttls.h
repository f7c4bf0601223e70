// proto/smtp/starttls.h - the client's way to TLS in SMTP.
#pragma once
#include "proto/dialogue.h"

namespace sally::smtp {

/// Greeting, EHLO, STARTTLS. AUTH offered before TLS is a login in plain text.
/// source  RFC 3207 4, RFC 5321 4.2, RFC 4954 4
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);
/// To be put behind the request for TLS, in one segment.
std::string early_command(const proto::DialogueNames& names);

}  // namespace sally::smtp
