// proto/ldap/starttls.h - the client's way to TLS in LDAP.
#pragma once
#include "proto/dialogue.h"

namespace sally::ldap {

/// One extended request.
/// source  RFC 4511 4.12, 4.14
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);
/// A simple bind with a name that nobody has, in the first naming context: is the password looked at, or
/// refused for want of TLS (RFC 4511 4.2)?
std::unique_ptr<proto::Dialogue> make_plain_login(const proto::DialogueNames& names);
/// To be put behind the request for TLS, in one segment.
std::string early_command(const proto::DialogueNames& names);

}  // namespace sally::ldap
