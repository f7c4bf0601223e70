// config/explain.h - key tables for people: as text for a terminal, as a manual page, as JSON for programs.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/block.h"

namespace sally::config {

/// One key and the path to it.
struct Entry {
  std::string block;  ///< "site.\"NAME\".tls"; empty at the top
  const Table* table;
  const Row* row;

  /// `site."NAME".tls.min_version`.
  std::string key() const;
};

/// The keys that `wanted` names: a key (`tls.min_version`), a block (`tls`, `site.files`; names may be left
/// out or be any), or the last part of a key (`min_version`). Everything if it is empty, nothing if nothing
/// fits.
std::vector<Entry> entries(const Table& top, std::string_view wanted = {});

/// For a terminal of `width` columns, 40 or more.
std::string explain_text(const std::vector<Entry>& entries, std::size_t width);
/// A manual page: a section for each block, a table row for each key.
std::string explain_markdown(const std::vector<Entry>& entries);
/// An array of objects: key, type, range, default, help, source.
std::string explain_json(const std::vector<Entry>& entries);

/// All names that entries() understands, for "did you mean".
std::vector<std::string> known_names(const Table& top);

}  // namespace sally::config
