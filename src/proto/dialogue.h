// proto/dialogue.h - what client and server say to each other in plain text before TLS begins: bytes in,
// bytes out, no I/O.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/buffer.h"
#include "base/error.h"

namespace sally::proto {

inline constexpr ErrorKind kOtherSpeech{
    "proto.other_speech",
    Blame::upstream,
    Retry::never,
    "the server does not speak the protocol that is expected on this port",
    "name the protocol, like imap://host:port, or correct the port",
    "",
    -1,
    0};
inline constexpr ErrorKind kTalksTooMuch{"proto.talks_too_much",
                                         Blame::upstream,
                                         Retry::never,
                                         "the server says more before TLS than any real one",
                                         "look at what listens on this port",
                                         "",
                                         -1,
                                         0};

/// Would a password be taken before TLS?
enum class PlainLogin : std::uint8_t { unknown, refused, allowed };

struct DialogueStep {
  enum class Next : std::uint8_t {
    bytes,  ///< the server's turn, once `send` is written
    tls,    ///< the next byte belongs to TLS
    done,   ///< the dialogue is over, without TLS
    busy,   ///< the server has no time for us now
  };
  Next next = Next::bytes;
  std::string send = {};
  bool asks_for_tls = false;  ///< `send` is the request for TLS
  std::string why = {};       ///< of done and busy: what the server said
};

/// A client's part. Each call of step() takes what it understands from `in` and says what comes next; it is
/// called again with more bytes after Next::bytes, and not at all after any other.
class Dialogue {
 public:
  virtual ~Dialogue() = default;
  /// Errors: proto.other_speech, proto.talks_too_much.
  virtual Result<DialogueStep> step(Buffer& in) = 0;
  /// What was learnt on the way, and from what.
  PlainLogin plain_login() const { return plain_login_; }
  const std::string& login_evidence() const { return login_evidence_; }

 protected:
  void learnt(PlainLogin what, std::string evidence) {
    plain_login_ = what;
    login_evidence_ = std::move(evidence);
  }

 private:
  PlainLogin plain_login_ = PlainLogin::unknown;
  std::string login_evidence_;
};

/// Who speaks, and to whom.
struct DialogueNames {
  std::string ours = "sallyport-check.invalid";  ///< a host name for EHLO (RFC 5321 4.1.1.1)
  std::string server;                            ///< a host name; empty: an address was named
};

}  // namespace sally::proto
