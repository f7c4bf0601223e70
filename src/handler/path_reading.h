// handler/path_reading.h - what the path of a request says, to a strict reader and to a lax one: a rule about
// paths holds only where both read the same.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sally::handler {

/// Two decoded forms of one path. Whatever is between them, some backend reads it: one that takes an escaped
/// slash for a slash, one that merges slashes, one that throws ";parameters" away, and those that do none of
/// it.
struct PathReadings {
  /// Escapes decoded once, but for those of slashes: '\1' stands for an escaped slash and for any backslash.
  std::string_view strict;
  /// Every escape decoded once, backslashes made slashes, ";parameters" gone, runs of slashes made one.
  std::string_view lax;

  bool same() const { return strict == lax; }
};

/// Reads paths, one at a time. Keeps its memory.
class PathReader {
 public:
  /// Views hold until the next call, or point into `raw`. nullopt: some reader would find another path in it
  /// than it seems to be, or none: "." and ".." as segments in any disguise ("%2e%2e", "..%2f", "..;x"), two
  /// slashes in front (the name of a host, RFC 3986 4.2), octets below 0x20 and 0x7F in escapes, half
  /// escapes, no slash in front.
  ///
  /// source  RFC 3986 2.4 (never decode twice), 3.3 (dot segments, parameters), 6.2.2
  /// cost    one pass without a copy where the path has no '%', ';', '\', "//" and "/."
  std::optional<PathReadings> read(std::string_view raw);

 private:
  bool decode(std::string_view raw);

  std::string strict_, lax_;
};

}  // namespace sally::handler
