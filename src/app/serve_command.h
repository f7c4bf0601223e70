// app/serve_command.h - `sallyport serve`: settings from a file, a folder or a backend's address, a greeting,
// and serving.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "gateway/settings.h"

namespace sally::app {

struct ServeOptions {
  std::string folder;           ///< empty: `to`, or else `config` is read
  std::vector<std::string> to;  ///< the application in place of a folder
  std::string config;           ///< "sallyport.toml"
  gateway::ServeFlags flags;
  bool quiet = false;                  ///< no greeting
  std::vector<std::string> arguments;  ///< of this process, for the one that will take over
};

/// Serves until a signal ends it. Returns the exit status: 0 after an orderly end, 1 if it could not start.
int serve(const ServeOptions& options, std::ostream& out, std::ostream& err);

}  // namespace sally::app
