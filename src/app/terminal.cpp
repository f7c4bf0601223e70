#include "app/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <ostream>

namespace sally::app {

Terminal Terminal::of_stdout() { return {::isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr}; }
Terminal Terminal::of_stderr() { return {::isatty(STDERR_FILENO) && std::getenv("NO_COLOR") == nullptr}; }

std::string Terminal::paint(std::string_view code, std::string_view text) const {
  if (!colour) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string words_of(const Error& error) {
  // Faults of a configuration carry file, line, cause and mend in their own lines.
  const bool own_words = error.kind().id == "config.invalid" || error.kind().id == "config.syntax";
  return own_words ? std::string(error.detail()) : error.text();
}

int tell(std::ostream& err, const Error& error) {
  err << Terminal::of_stderr().red("sallyport:") << " " << words_of(error) << "\n";
  return 1;
}

}  // namespace sally::app
