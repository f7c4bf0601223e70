// app/completion_command.h - `sallyport completion SHELL`: completes commands and flags, from the same table
// that parses them.
#pragma once
#include <iosfwd>
#include <string_view>

namespace CLI {
class App;
}

namespace sally::app {

/// Prints a script for "bash", "zsh" or "fish". Returns the exit status: 0, or 64 for another shell.
int completion(const CLI::App& app, std::string_view shell, std::ostream& out, std::ostream& err);

}  // namespace sally::app
