// handler/media_type.h - what kind of thing a file is, by the end of its name.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace sally::handler {

/// The media type for a file's name: of `more` (extension without dot, in lower case) or of the built-in
/// table, or "application/octet-stream". Texts say that they are UTF-8. Views into `more` or literals.
std::string_view media_type(std::string_view file_name, const std::map<std::string, std::string>& more = {});

/// Whether compression makes such content smaller: text, and formats that are not compressed by themselves.
bool is_compressible(std::string_view type);

}  // namespace sally::handler
