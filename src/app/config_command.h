// app/config_command.h - `sallyport config check` and `config explain`: is a file good, and what may stand in
// it.
#pragma once
#include <iosfwd>
#include <string_view>

namespace sally::app {

/// Reads a configuration as `serve` would, with its certificates, and opens nothing.
///
/// path  of the file
/// out   what would be served, and warnings, if the file is good
/// err   every line that must change, each "file:line: key: why", if it is not
///
/// returns the exit status: 0 good, 1 not
int config_check(std::string_view path, std::ostream& out, std::ostream& err);

enum class ExplainForm { text, markdown, json };

/// Explains keys.
///
/// key    a key or a block, see config::entries(); empty: all
/// width  columns of the text form; 0: as the terminal has, 80 if there is none
///
/// returns the exit status: 0, or 64 (EX_USAGE) when nothing is named so; `err` then says what is near
int config_explain(std::string_view key, ExplainForm form, std::ostream& out, std::ostream& err,
                   std::size_t width = 0);

}  // namespace sally::app
