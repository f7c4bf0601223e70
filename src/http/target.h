// http/target.h - the grammar of what a request is aimed at: paths and authorities, the same for all
// versions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sally::http {

/// A path and its query, as views into the text they were parsed from.
struct OriginForm {
  std::string_view path;   ///< starts with '/', still percent-encoded, every '%' starts a whole escape
  std::string_view query;  ///< after the first '?', without it
  bool has_query = false;
};

/// Splits `text`, a request's path with its query; nullopt if it is none. Refused: no '/' in front, white
/// space, controls, '#', octets that are not ASCII, and in the path a '%' without two hexadecimal digits.
/// A lone '%' in a query is let through, because browsers send it (URL standard, query state).
///
/// source  RFC 9112 3.2.1, RFC 9113 8.3.1, RFC 3986 3.3 and 3.4; wider than RFC 3986 by the visible ASCII
/// that
///         browsers do not escape, such as '|', '{' and '"'
std::optional<OriginForm> parse_origin_form(std::string_view text);

/// parse_origin_form() would take it.
bool is_request_path(std::string_view text);

/// Splits an authority, "example.com:8443", into `host` in lower case, without port, without the brackets of
/// IPv6 and without one trailing dot, and `port`, 0 if there is none. False if it is none: empty, with user
/// information, with a percent escape, an empty label, an empty port or one outside 1..65535, longer than
/// 255. `host` keeps its memory.
///
/// source  RFC 3986 3.2.2 and 3.2.3; narrower: no name in use holds escapes or sub-delimiters
bool parse_authority(std::string_view text, std::string& host, std::uint16_t& port);

}  // namespace sally::http
