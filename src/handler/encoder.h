// handler/encoder.h - brotli, zstd and gzip behind one small interface, with bounded memory.
#pragma once
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "handler/files_config.h"

namespace sally::handler {

inline constexpr ErrorKind kEncoderFailed{"files.encoder_failed",
                                          Blame::system,
                                          Retry::later,
                                          "a file could not be compressed",
                                          "give the process more memory, or set files.compress = false",
                                          "",
                                          -1,
                                          500};

/// Compresses one stream of octets. About 1 MiB of memory (brotli, zstd) or 256 KiB (gzip), whatever its
/// length.
class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Appends what becomes of `in` to `out`: perhaps nothing yet. `last`: nothing follows. Errors:
  /// files.encoder_failed.
  virtual Result<> write(Bytes in, bool last, std::string& out) = 0;
};

/// `size`: octets that will come in all; small ones take less memory. Errors: files.encoder_failed.
///
/// source  RFC 7932 (brotli), RFC 8878 and 9659 (zstd, window of at most 8 MiB), RFC 1952 (gzip)
Result<std::unique_ptr<Encoder>> make_encoder(Coding coding, std::uint64_t size);

/// The whole of `in`, compressed. Errors: files.encoder_failed.
Result<std::string> encode(Coding coding, std::string_view in);

}  // namespace sally::handler
