// tls/message_words.h - what a handshake message says, in words: one line for each thing worth knowing.
#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"

namespace sally::tls {

/// `message`: a whole handshake message with its header, as it went by in the clear or after decryption.
/// `version`: what the handshake came to; several messages differ between TLS 1.2 and 1.3.
///
/// Lines like "offers TLS 1.3, TLS 1.2"; names from the wire are made printable. A message that breaks its
/// grammar gets the lines of what could be read and "breaks its grammar" as the last. Certificates are only
/// counted: their contents are for those who can read X.509.
///
/// source  RFC 8446 4, RFC 5246 7.4, RFC 8422 5.4
std::vector<std::string> message_words(Bytes message, std::uint16_t version);

}  // namespace sally::tls
