#include "gateway/generation.h"

#include <algorithm>
#include <utility>

namespace sally::gateway {
namespace {

std::atomic<std::uint32_t> alive_count = 0;

using SharedSite = std::shared_ptr<const SiteConfig>;

bool among(const std::vector<SharedSite>& sites, const SharedSite& one) {
  return std::ranges::find(sites, one) != sites.end();
}

bool has_name(const std::vector<SharedSite>& sites, const std::string& name) {
  return std::ranges::any_of(sites, [&](const SharedSite& site) { return site->names.front() == name; });
}

std::shared_ptr<SiteCountsOfCores> counts_of(const Generation& in, const std::string& name) {
  for (std::size_t i = 0; i < in.counts.size(); ++i)
    if (in.sites[i]->names.front() == name) return in.counts[i];
  return nullptr;
}

}  // namespace

Generation::Generation(std::uint64_t count, Settings read) : number(count), settings(std::move(read)) {
  alive_count.fetch_add(1, std::memory_order_relaxed);
}

Generation::~Generation() { alive_count.fetch_sub(1, std::memory_order_relaxed); }

std::uint32_t Generation::alive() { return alive_count.load(std::memory_order_relaxed); }

SharedGeneration next_generation(Settings settings, const Generation* before) {
  const auto made = std::make_shared<Generation>(before ? before->number + 1 : 1, std::move(settings));
  for (const SiteConfig& site : made->settings.sites) {
    SharedSite same;
    if (before != nullptr)
      for (const SharedSite& old : before->sites)
        if (*old == site && !among(made->sites, old)) same = old;
    made->sites.push_back(same ? std::move(same) : std::make_shared<const SiteConfig>(site));
  }
  for (const SharedSite& site : made->sites) {
    std::shared_ptr<SiteCountsOfCores> counts = before ? counts_of(*before, site->names.front()) : nullptr;
    if (!counts) counts = counts_of(*made, site->names.front());
    if (!counts) counts = std::make_shared<SiteCountsOfCores>(std::max(made->settings.workers, 1u));
    made->counts.push_back(std::move(counts));
  }
  PortDefaults defaults{made->settings.tls, made->settings.limits};
  made->defaults = before && *before->defaults == defaults
                       ? before->defaults
                       : std::make_shared<const PortDefaults>(std::move(defaults));
  return made;
}

SiteChanges site_changes(const Generation& before, const Generation& after) {
  SiteChanges out;
  for (const SharedSite& site : after.sites) {
    const std::string& name = site->names.front();
    if (among(before.sites, site))
      ++out.unchanged;
    else
      (has_name(before.sites, name) ? out.changed : out.added).push_back(name);
  }
  for (const SharedSite& site : before.sites)
    if (!has_name(after.sites, site->names.front())) out.removed.push_back(site->names.front());
  return out;
}

std::vector<std::string> keep_until_restart(Settings& next, const Settings& now) {
  std::vector<std::string> kept;
  const auto keep = [&](const char* key, auto& value, const auto& old) {
    if (value == old) return;
    value = old;
    kept.emplace_back(key);
  };
  // 0 was settled at the start, and means the same now.
  if (next.workers == 0) next.workers = now.workers;
  keep("workers", next.workers, now.workers);
  keep("user", next.user, now.user);
  keep("group", next.group, now.group);
  keep("state", next.state, now.state);
  keep("log.access", next.log.access, now.log.access);
  keep("log.error", next.log.error, now.log.error);
  // Buffers of this size were made for each core.
  keep("admin.listen", next.admin.addresses, now.admin.addresses);
  keep("limits.output_buffer_bytes", next.limits.output_buffer_bytes, now.limits.output_buffer_bytes);
  keep("limits.h2.stream_window", next.limits.h2.stream_window, now.limits.h2.stream_window);
  keep("quic.stream_window", next.quic.stream_window, now.quic.stream_window);
  for (SiteConfig& site : next.sites) {
    site.limits.output_buffer_bytes = next.limits.output_buffer_bytes;  // no key of a site
    site.limits.h2.stream_window = next.limits.h2.stream_window;
  }
  return kept;
}

}  // namespace sally::gateway
