#include "check/observations.h"

#include <algorithm>

namespace sally::check {

const VersionSeen* Observations::version(std::uint16_t v) const {
  const auto found = std::ranges::find(versions, v, &VersionSeen::version);
  return found == versions.end() ? nullptr : &*found;
}

std::uint16_t Observations::best_version() const {
  std::uint16_t best = 0;
  for (const VersionSeen& v : versions)
    if (v.offered) best = std::max(best, v.version);
  return best;
}

std::uint16_t Observations::worst_version() const {
  std::uint16_t worst = 0;
  for (const VersionSeen& v : versions)
    if (v.offered && (worst == 0 || v.version < worst)) worst = v.version;
  return worst;
}

}  // namespace sally::check
