// config/toml.h - TOML text to nodes. The only file that knows which TOML library reads it.
#pragma once
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "config/node.h"

namespace sally::config {

inline constexpr ErrorKind kUnreadable{"config.unreadable",
                                       Blame::operator_config,
                                       Retry::never,
                                       "a configuration file cannot be read",
                                       "check that the path is right and that this account may read it",
                                       "",
                                       -1,
                                       0};
inline constexpr ErrorKind kSyntax{"config.syntax",
                                   Blame::operator_config,
                                   Retry::never,
                                   "a configuration file is not TOML",
                                   "change the line in the detail",
                                   "TOML 1.0",
                                   -1,
                                   0};

/// Of a configuration file. A thousand sites need less.
inline constexpr std::size_t kFileLimitBytes = 1024 * 1024;
/// Names in one dotted key or table header.
inline constexpr std::size_t kKeyDepthLimit = 8;

/// Parses a whole document.
///
/// text     at most kFileLimitBytes
/// source   what messages call the document: the file as the user named it
///
/// returns  a table
/// errors   config.syntax   no TOML; a key twice; nested too deep; too long; the detail is "file:line:
/// reason"
Result<Node> parse_toml(std::string_view text, std::string_view source);

/// Reads and parses a file. Errors: config.unreadable (the detail names file and cause), config.syntax.
Result<Node> read_toml(const std::filesystem::path& path);

}  // namespace sally::config
