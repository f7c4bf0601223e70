// handler/request_path.h - from the path of a request to the name of a file: decoded once, and strictly.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sally::handler {

/// Decodes the percent escapes of `raw` once. nullopt: there can be no such file. Refused, because some
/// system would read them as something else: a path without '/' in front, "." and ".." as names, '/' and '\'
/// in escapes, '\', octets below 0x20 and 0x7F, half escapes, empty names ("//"), names longer than 255
/// octets and paths longer than 4096; and unless `dotfiles`, names that begin with a dot but for
/// /.well-known/ (RFC 8615).
///
/// source  RFC 3986 2.4 (never decode twice)
std::optional<std::string> decode_path(std::string_view raw, bool dotfiles);

/// A decoded path that decode_path() could have made: what `try` puts together must be one too.
bool is_servable_path(std::string_view path, bool dotfiles);

/// A name in a served folder that decode_path() would let through.
bool is_servable_name(std::string_view name, bool dotfiles);

/// `raw` with each run of slashes made one; nullopt if it has none. For a redirect to the one right address.
std::optional<std::string> single_slashes(std::string_view raw);

}  // namespace sally::handler
