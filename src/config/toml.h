// config/toml.h - TOML text to nodes, with the line of each.
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
/// Lists and inline tables within each other.
inline constexpr std::size_t kNestingLimit = 16;
/// Names in one table, items in one list.
inline constexpr std::size_t kMembersLimit = 10'000;

/// Parses a whole document of TOML 1.0.
///
/// text     UTF-8, at most kFileLimitBytes
/// source   what messages call the document: the file as the user named it
///
/// returns  a table
/// errors   config.syntax   no TOML, a key twice, or more than one of the limits above; the detail is
///                          "file:line: reason"
Result<Node> parse_toml(std::string_view text, std::string_view source);

/// Reads and parses a file. Errors: config.unreadable (the detail names file and cause), config.syntax.
Result<Node> read_toml(const std::filesystem::path& path);

}  // namespace sally::config
