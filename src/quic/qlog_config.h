// quic/qlog_config.h - the `quic.qlog` block: whether connections are recorded, and how much of them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "config/block_fwd.h"

namespace sally::quic {

/// A value in hand is valid: every field lies in the range that block() states.
struct QlogConfig {
  std::filesystem::path folder;               ///< empty: nothing is recorded
  std::uint32_t every = 1;                    ///< each so many'th connection
  std::size_t file_bytes = 16 * 1024 * 1024;  ///< of one connection
  std::uint32_t connections = 64;             ///< recorded at once
  std::uint32_t files = 1000;                 ///< in the folder, whoever made them

  bool operator==(const QlogConfig&) const = default;

  /// The `[quic.qlog]` table.
  static const config::Block<QlogConfig>& block();
};

}  // namespace sally::quic
