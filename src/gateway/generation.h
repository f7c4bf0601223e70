// gateway/generation.h - one configuration as it is served: constant, shared by all cores, alive while
// anything uses it.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/counts.h"
#include "gateway/settings.h"

namespace sally::gateway {

/// What holds on a port before a site is known. Connections keep it: their codecs refer to the limits.
struct PortDefaults {
  tls::TlsConfig tls;
  http::HttpLimits limits;

  bool operator==(const PortDefaults&) const = default;
};

struct Generation {
  Generation(std::uint64_t count, Settings read);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  /// How many there are in this process: each reload makes one, and the one before goes when nothing uses it.
  static std::uint32_t alive();

  const std::uint64_t number;  ///< 1 for the first
  const Settings settings;
  /// settings.sites, in their order. One that did not change is the very object of the generation before, and
  /// that is how cores know.
  std::vector<std::shared_ptr<const SiteConfig>> sites;
  std::shared_ptr<const PortDefaults> defaults;  ///< likewise
  /// By the site's place. They go with the name, and sites with the same name share them.
  std::vector<std::shared_ptr<SiteCountsOfCores>> counts;
};
using SharedGeneration = std::shared_ptr<const Generation>;

/// The generation after `before`, which is null for the first.
SharedGeneration next_generation(Settings settings, const Generation* before);

/// What a reload does to the sites, by the first of their names.
struct SiteChanges {
  std::vector<std::string> added, changed, removed;
  std::size_t unchanged = 0;
};
SiteChanges site_changes(const Generation& before, const Generation& after);

/// Keys that only a new process can change: sets them in `next` to what they are in `now`, and returns the
/// names of those that were different.
std::vector<std::string> keep_until_restart(Settings& next, const Settings& now);

}  // namespace sally::gateway
