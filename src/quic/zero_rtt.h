// quic/zero_rtt.h - on what terms requests are taken before the client has proven that it is there (0-RTT).
#pragma once
#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "quic/quic_config.h"
#include "tls/strike_register.h"

namespace sally::quic {

/// For one connection.
struct EarlyTerms {
  std::string text;  ///< a ticket is good for early data under the same terms only; empty: none is taken
  tls::StrikeRegister* used = nullptr;  ///< outlives the connection; null with no terms
};

/// One for the process; thread-safe.
class EarlyData {
 public:
  EarlyData();
  tls::StrikeRegister& used() { return used_; }
  /// What a client remembers of us and counts upon (RFC 9001 4.6.3, RFC 9114 7.2.4.2): where any of it has
  /// changed, early data is refused. So it is to tickets of another process, whose register is not this
  /// one's. stream_window  bytes.  header_bytes  that SETTINGS allow a head
  std::string terms(const QuicConfig& config, std::size_t stream_window, std::size_t header_bytes) const;

 private:
  const std::string process_;  ///< random
  tls::StrikeRegister used_;
};

}  // namespace sally::quic
