// base/escape.h - text from outside, made harmless for a place: a JSON string, a page, a terminal.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace sally {

/// How many octets the UTF-8 sequence at the front of `text` takes; 0: none is there, or `text` is empty.
/// Surrogates, overlong forms and what lies above U+10FFFF are none (RFC 3629 4).
std::size_t utf8_length(std::string_view text);

/// Appends `text` for the inside of a JSON string (RFC 8259 7). Valid UTF-8 stays; an octet that is none
/// becomes \ufffd.
void append_json_escaped(std::string& out, std::string_view text);
/// The same, and the result is ASCII: every octet beyond it is shown as itself, \u0080 to \u00ff, because
/// nothing says that it is UTF-8. For logs.
void append_json_ascii(std::string& out, std::string_view text);

/// Appends `text` with & < > " ' as character references: safe in content and in quoted attributes of HTML
/// and XML 1.0. Octets that are no valid UTF-8 become U+FFFD, control octets but TAB and U+FFFE, U+FFFF too.
void append_html(std::string& out, std::string_view text);

/// Appends `text` so that a terminal shows it and obeys nothing in it: control characters (C0, C1) and octets
/// that are no UTF-8 become \x1b, what changes the direction of writing or breaks a line becomes \u{202e}.
void append_visible(std::string& out, std::string_view text);
/// The same as a value.
std::string visible(std::string_view text);

}  // namespace sally
