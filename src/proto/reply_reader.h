// proto/reply_reader.h - reads lines, and replies of one or more lines that begin with a number (SMTP, FTP).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "proto/dialogue.h"

namespace sally::proto {

struct LineLimits {
  std::size_t bytes = 2048;  ///< of one line; RFC 5321 4.5.3.1.5 allows 512
  std::size_t lines = 200;   ///< of a dialogue
};

class LineReader {
 public:
  explicit LineReader(LineLimits limits = {}) : limits_(limits) {}
  /// The next line without its end (CR LF, or LF alone); nullopt: more bytes are needed.
  /// Errors: proto.talks_too_much.
  Result<std::optional<std::string>> next(Buffer& in);

 private:
  LineLimits limits_;
  std::size_t lines_ = 0;
};

struct Reply {
  unsigned code = 0;
  std::vector<std::string> lines;  ///< without the numbers

  /// "454 TLS not available": the last line as it was sent, printable, at most 120 bytes.
  std::string text() const;
};

/// source  RFC 5321 4.2 and RFC 959 4.2: "250-text" goes on, "250 text" ends; FTP lets lines between them
/// stand
///         without a number
class ReplyReader {
 public:
  /// nullopt: more bytes are needed. Errors: proto.other_speech, proto.talks_too_much.
  Result<std::optional<Reply>> next(Buffer& in);

 private:
  LineReader lines_;
  Reply open_;
};

/// What a server said, fit to be shown: printable, at most 120 bytes.
std::string shown(std::string_view text);

}  // namespace sally::proto
