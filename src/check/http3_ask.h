// check/http3_ask.h - asks for one page over HTTP/3, and which versions of QUIC are spoken.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "check/http3_seen.h"
#include "loop/loop.h"
#include "loop/task.h"
#include "net/socket_address.h"
#include "quic/qlog.h"
#include "tls/handshake_message.h"

namespace sally::check {

// clang-format off
inline constexpr ErrorKind kNoHttp3{"check.no_http3", Blame::upstream, Retry::never,
    "the server does not answer over HTTP/3", "read the reason in the detail; UDP may be filtered on the way", "RFC 9114 3", -1, 0};
// clang-format on

struct Http3Question {
  SocketAddress address;
  std::string server_name;  ///< for SNI; empty: none
  std::string authority, path, agent;
  std::chrono::milliseconds silence{1000};   ///< for the first datagram of the server
  std::chrono::milliseconds patience{4000};  ///< for the answer
  /// The messages of the handshake, with their contents, are put there; null: nowhere.
  std::vector<tls::HandshakeMessage>* messages = nullptr;
  quic::QlogWriter* qlog = nullptr;  ///< records the connection
};

/// Shakes hands with whoever is there, believing any certificate, sends a GET and waits for the head of the
/// answer. One connection.
Task<Http3Seen> ask_over_http3(Loop& loop, Http3Question question);

/// What the server answers to a version that nobody speaks (RFC 9000 6). Empty: nothing within `silence`.
Task<std::vector<std::uint32_t>> ask_quic_versions(Loop& loop, SocketAddress address,
                                                   std::chrono::milliseconds silence);

/// The versions that a packet of version negotiation names; empty: it is none. Source: RFC 8999 6.
std::vector<std::uint32_t> read_quic_versions(Bytes datagram);

/// "1", "2", "0xff00001d".
std::string quic_version_name(std::uint32_t version);

}  // namespace sally::check
