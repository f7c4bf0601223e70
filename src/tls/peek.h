// tls/peek.h - reads a ClientHello without answering it: the router needs the name before a session.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace sally::tls {

inline constexpr ErrorKind kNotTls{"tls.not_tls",
                                   Blame::peer,
                                   Retry::never,
                                   "the first byte begins no TLS handshake",
                                   "connect with TLS, or to the port of the protocol that is spoken",
                                   "RFC 8446 5.1",
                                   -1,
                                   0};
inline constexpr ErrorKind kHelloTooLong{"tls.hello_too_long",
                                         Blame::peer,
                                         Retry::never,
                                         "the ClientHello is longer than tls.client_hello_limit",
                                         "raise tls.client_hello_limit, or fix the client",
                                         "RFC 8446 4.1.2",
                                         47,
                                         0};
inline constexpr ErrorKind kBadHello{"tls.bad_hello",
                                     Blame::peer,
                                     Retry::never,
                                     "the first handshake message is no well-formed ClientHello",
                                     "report the client's software as broken",
                                     "RFC 8446 4.1.2",
                                     50,
                                     0};

/// What a ClientHello says about where it wants to go. Copies, because a name may lie across two records.
struct HelloPeek {
  std::string server_name;        ///< lower case, without a final dot; empty: none; never an IP (RFC 6066 3)
  std::vector<std::string> alpn;  ///< in the client's order of preference (RFC 7301 3.1)
  bool has_ech = false;           ///< then server_name is the public name, not the target (RFC 9849)
};

/// Whether `first` can begin a TLS connection: a handshake record.
inline bool looks_like_tls(Bytes first) { return !first.empty() && first[0] == std::byte{22}; }

/// Parses the ClientHello at the front of `in`.
///
/// in      the connection's unread bytes; nothing is consumed, so TLS can read them again
/// limit   bytes of handshake to accept; a post-quantum key share makes a hello of about 2 KB
///
/// returns nullopt when more bytes are needed (no error: call again after a read)
/// errors  tls.not_tls          the first byte is no handshake record: try another protocol
///         tls.hello_too_long   more than `limit` bytes
///         tls.bad_hello        another message, or a name that no host can have
///         base.truncated       a length field overruns its parent
///
/// source  RFC 8446 4.1.2 (ClientHello), 5.1 (records; empty handshake fragments are forbidden)
/// cost    one pass; copies the message only if it lies in more than one record
Result<std::optional<HelloPeek>> peek_hello(Bytes in, std::size_t limit = 16384);

}  // namespace sally::tls
