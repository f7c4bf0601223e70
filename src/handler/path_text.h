// handler/path_text.h - text from outside as the path of a link.
#pragma once
#include <string>
#include <string_view>

namespace sally::handler {

/// Appends `text` percent-encoded but for RFC 3986 unreserved characters and '/': the path of a link. A link
/// that begins with it cannot name another host or scheme if "./" or '/' stands in front.
void append_path(std::string& out, std::string_view text);

}  // namespace sally::handler
