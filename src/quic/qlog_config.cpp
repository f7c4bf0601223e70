#include "quic/qlog_config.h"

#include "config/block.h"

namespace sally::quic {

using config::Block;
using config::Count;
using config::Path;
using config::Size;

const Block<QlogConfig>& QlogConfig::block() {
  using C = QlogConfig;
  static const Block<C> kBlock =
      Block<C>("Records of QUIC connections for whoever looks for a fault: qlog, one file each.")
          .key("folder", &C::folder, Path{},
               "Where the files are made, named after the first connection id of the client. Absent: nothing "
               "is recorded.",
               "draft-ietf-quic-qlog-main-schema")
          .key("every", &C::every, Count{1, 1'000'000}, "Record each so many'th connection; 1: all of them.")
          .key("file_bytes", &C::file_bytes, Size{16 * 1024, 1024 * 1024 * 1024},
               "Bytes of one connection's file; what comes later is left out.")
          .key("connections", &C::connections, Count{1, 10'000},
               "Connections that are recorded at once; more are served without a record.")
          .key("files", &C::files, Count{1, 1'000'000},
               "Files that the folder may hold; none is begun until some are taken away.")
          .shorthand("folder");
  return kBlock;
}

}  // namespace sally::quic
