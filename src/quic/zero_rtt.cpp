#include "quic/zero_rtt.h"

#include <fmt/format.h>

#include "crypto/digest.h"
#include "crypto/entropy.h"

namespace sally::quic {

EarlyData::EarlyData() : process_(as_text(Bytes(crypto::random_bytes<16>()))) {}

std::string EarlyData::terms(const QuicConfig& config, std::size_t stream_window,
                             std::size_t header_bytes) const {
  const auto digest = crypto::sha256(fmt::format(
      "{} {} {} {} {} {} {} {}", process_, stream_window, config.connection_window, config.max_streams,
      config.idle_timeout.count(), config.header_table, config.blocked_streams, header_bytes));
  return std::string(as_text(digest));
}

}  // namespace sally::quic
