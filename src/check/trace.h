// check/trace.h - one connection as it happened: DNS, TCP, every handshake message, certificate path, first
// byte.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "check/observations.h"
#include "check/rule.h"
#include "check/target.h"

namespace sally::check {

struct TraceRequest {
  Target target;
  std::string path = "/";   ///< of the request; printable ASCII
  std::string connect_to;   ///< a numeric host instead of the name's addresses; empty: none
  std::string server_name;  ///< for SNI and for the certificate; empty: the target's
  bool http2 = false;       ///< h2 is offered before http/1.1, and what the server picks is spoken
  bool http3 = false;       ///< over QUIC, on the UDP port of the same number
  std::string records;      ///< a folder for the record (qlog) of a QUIC connection; empty: none is made
  Roots roots;
  std::chrono::milliseconds patience{10000};  ///< for each step
};

/// One thing that happened.
struct TraceStep {
  enum class Who : std::uint8_t { us, client, server };  ///< us: no bytes of TLS went anywhere
  Who who = Who::us;
  std::string what;               ///< "DNS", "ClientHello"
  std::vector<std::string> says;  ///< in words
  bool encrypted = false;         ///< nobody on the way can read it
  std::size_t bytes = 0;          ///< of a message
  double at_ms = 0;               ///< since the beginning, when it was over
};

struct Trace {
  std::string address;  ///< "192.0.2.1:443"; empty: the name has none
  std::vector<TraceStep> steps;
  bool connected = false, shaken = false;  ///< TCP, TLS
  std::uint16_t version = 0, suite = 0, group = 0;
  std::string alpn, trouble;                      ///< what ended it before its end; empty: nothing
  std::vector<crypto::Certificate> certificates;  ///< as sent
  crypto::TrustVerdict trust;
  bool name_covered = false;
  unsigned status = 0;  ///< of the HTTP answer; 0: none

  /// The certificate leads to a trusted root and is for this name.
  bool trusted() const { return shaken && trust.trusted && name_covered; }
};

/// Blocks until it is over. Errors: loop.system_call. What fails on the way is part of the trace.
Result<Trace> trace(const TraceRequest& request);

}  // namespace sally::check
