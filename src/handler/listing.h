// handler/listing.h - what is in a folder, as a page for people or as JSON for programs.
#pragma once
#include <cstdint>
#include <string>

#include "handler/files_config.h"
#include "handler/root_folder.h"
#include "http/exchange.h"

namespace sally::handler {

struct ListingStyle {
  enum class By : std::uint8_t { name, size, date };
  By by = By::name;
  bool descending = false;
  bool json = false;
};

/// JSON where `accept` names application/json and not text/html. Order from the query: "sort=name|size|date"
/// and "order=desc"; anything else is passed over.
ListingStyle listing_style(const http::Request& request);

/// A whole page (HTML without scripts, or a JSON array of {name, type, size, modified}). Folders come first.
/// Left out: what could not be opened through the site either, such as dotfiles and links that lead outside.
///
/// path    decoded, with slashes at both ends
/// memory  FilesConfig::listing_entries bounds it
/// errors  os.call_failed
Result<std::string> list_folder(const RootFolder& root, const FilesConfig& rules, const std::string& path,
                                const ListingStyle& style);

}  // namespace sally::handler
