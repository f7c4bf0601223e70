// proto/openvpn/control.h - the client's half of OpenVPN's control channel: TLS in numbered packets that are
// acknowledged and sent again; bytes in, packets out, no I/O. Without tls-auth and tls-crypt.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace sally::openvpn {

inline constexpr ErrorKind kMalformed{"openvpn.malformed",
                                      Blame::upstream,
                                      Retry::never,
                                      "the server's packets are no control packets of OpenVPN",
                                      "correct the port, or look at what listens there",
                                      "OpenVPN wire protocol, control channel packets",
                                      -1,
                                      0};

/// One session. Works the same over UDP and TCP; over TCP nothing is lost, so nothing is sent again.
/// source  openvpn-rfc, "Control channel"; ssl_pkt.h of OpenVPN
class Control {
 public:
  /// session  8 random octets
  explicit Control(std::string session) : ours_(std::move(session)) { enqueue(kHardResetClient, {}); }

  /// One packet from the server; what is none of this session is passed over. Errors: openvpn.malformed.
  Result<> take(std::string_view packet);
  /// TLS bytes to be sent.
  void say(std::string_view bytes);
  /// Packets to be sent now; `again_after`: one that was not acknowledged for so long is sent again.
  std::vector<std::string> due(TimePoint now, std::chrono::milliseconds again_after);
  /// TLS bytes that came, in order.
  std::string heard() { return std::exchange(heard_, {}); }
  /// The server answered the reset: TLS may begin.
  bool open() const { return !theirs_.empty(); }
  /// So much is on its way that no more should be said.
  bool full() const { return waiting_.size() >= kMostWaiting; }
  /// When due() has more to say, unless an answer comes; kNever: nothing is on its way.
  Deadline next(std::chrono::milliseconds again_after) const;

 private:
  static constexpr std::uint8_t kControl = 4, kAck = 5, kHardResetClient = 7, kHardResetServer = 8;
  static constexpr std::size_t kWindow = 4, kMostWaiting = 32;

  struct Waiting {
    std::uint8_t opcode;
    std::uint32_t id;
    std::string payload;
    TimePoint sent{};
    bool was_sent = false;
  };
  void enqueue(std::uint8_t opcode, std::string_view payload);
  std::string head(std::uint8_t opcode);
  Result<> accept(std::uint32_t id, std::string_view payload);

  std::string ours_, theirs_;
  std::deque<Waiting> waiting_;
  std::uint32_t next_id_ = 0, expected_ = 0;
  std::vector<std::uint32_t> to_acknowledge_;
  std::map<std::uint32_t, std::string> early_;
  std::string heard_;
};

}  // namespace sally::openvpn
