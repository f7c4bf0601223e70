// proto/xmpp/starttls.h - the client's way to TLS in XMPP.
#pragma once
#include "proto/dialogue.h"

namespace sally::xmpp {

/// Stream header, features, starttls, proceed.
/// source  RFC 6120 4.3, 5.4
std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names);
/// To be put behind the request for TLS, in one segment.
std::string early_command(const proto::DialogueNames& names);

}  // namespace sally::xmpp
