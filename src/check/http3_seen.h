// check/http3_seen.h - what a server did with HTTP/3 on one UDP port.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace sally::check {

struct Http3Seen {
  enum class End : std::uint8_t {
    answered,   ///< with a status
    shaken,     ///< the handshake came about, an answer did not
    refused,    ///< QUIC is spoken, and no session came about
    silent,     ///< nothing came back
    closed,     ///< nobody listens there
    not_asked,  ///< for a reason on this side
  };
  std::uint16_t port = 0;
  bool announced = false;  ///< Alt-Svc names it
  End end = End::not_asked;
  std::string why;                      ///< of what did not come about
  std::vector<std::uint32_t> versions;  ///< of QUIC that the server names when asked for an unknown one
  std::uint32_t version = 0;            ///< that was spoken
  std::uint16_t suite = 0, group = 0;
  std::vector<std::string> certificates;  ///< DER, in the server's order
  unsigned status = 0;                    ///< of the answer to GET /
  bool has_session() const { return end == End::answered || end == End::shaken; }
};

}  // namespace sally::check
