#include "handler/request_path.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// What is let through names something beneath the root, whatever it was made of.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t n) {
  using namespace sally::handler;
  const std::string_view raw(reinterpret_cast<const char*>(input), n);
  for (const bool dotfiles : {false, true}) {
    const auto path = decode_path(raw, dotfiles);
    if (!path) continue;
    const std::string closed = *path + "/";
    if (path->front() != '/' || path->find("//") != path->npos || path->find('\0') != path->npos ||
        path->find('\\') != path->npos || closed.find("/../") != closed.npos ||
        closed.find("/./") != closed.npos)
      std::abort();
    if (!dotfiles && path->find("/.", 1) != path->npos) std::abort();
  }
  const auto once = single_slashes(raw);
  if (once && once->find("//") != once->npos) std::abort();
  return 0;
}
