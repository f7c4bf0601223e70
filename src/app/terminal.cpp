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

int tell(std::ostream& err, const Error& error) {
  err << Terminal::of_stderr().red("sallyport:") << " " << error.text() << "\n";
  return 1;
}

}  // namespace sally::app
