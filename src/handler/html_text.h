// handler/html_text.h - text from outside, made harmless for a place in a page, a URL or a JSON string.
#pragma once
#include <string>
#include <string_view>

namespace sally::handler {

/// Appends `text` with & < > " ' as character references: safe in content and in quoted attributes.
/// Octets that are no valid UTF-8 become U+FFFD, control octets but TAB too.
void append_html(std::string& out, std::string_view text);

/// Appends `text` percent-encoded but for RFC 3986 unreserved characters and '/': the path of a link. A link
/// that begins with it cannot name another host or scheme if "./" or '/' stands in front.
void append_path(std::string& out, std::string_view text);

/// Appends a JSON string with its quotes (RFC 8259 7). Octets that are no valid UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);

}  // namespace sally::handler
