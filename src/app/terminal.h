// app/terminal.h - how the command line speaks to people: colour only on a terminal, errors in one shape.
#pragma once
#include <iosfwd>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sally::app {

/// Colour when the stream is a terminal and NO_COLOR is not set (no-color.org).
struct Terminal {
  bool colour = false;

  static Terminal of_stdout();
  static Terminal of_stderr();
  std::string strong(std::string_view text) const { return paint("1", text); }
  std::string faint(std::string_view text) const { return paint("2", text); }
  std::string red(std::string_view text) const { return paint("31", text); }

 private:
  std::string paint(std::string_view code, std::string_view text) const;
};

/// The error with cause and mend; faults of a configuration in their own lines.
std::string words_of(const Error& error);
/// Writes "sallyport: " and the error with cause and mend. Returns the exit status for it: 1.
int tell(std::ostream& err, const Error& error);

}  // namespace sally::app
