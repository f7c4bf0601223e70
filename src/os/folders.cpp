#include "os/folders.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace sally {
namespace {

bool usable(const char* path) { return path && path[0] == '/'; }

}  // namespace

FolderFacts FolderFacts::here() {
  return {std::getenv("STATE_DIRECTORY"), std::getenv("XDG_DATA_HOME"), std::getenv("HOME"),
          ::geteuid() == 0};
}

Result<std::string> data_folder(const FolderFacts& facts) {
  if (usable(facts.state_directory)) {
    // systemd.exec(5): several are joined by colons; the first is ours.
    const std::string_view all = facts.state_directory;
    return std::string(all.substr(0, all.find(':')));
  }
  if (usable(facts.xdg_data_home)) return std::string(facts.xdg_data_home) + "/sallyport";
  if (usable(facts.home)) return std::string(facts.home) + "/.local/share/sallyport";
  if (facts.is_root) return std::string("/var/lib/sallyport");
  return fail(kNoHome, "");
}

}  // namespace sally
