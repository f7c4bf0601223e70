#include "check/report/words.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "tls/groups.h"
#include "tls/suite_facts.h"

namespace sally::check {

std::string group_name(std::uint16_t code) {
  const tls::GroupFacts* const g = tls::group_facts(code);
  return g ? std::string(g->name) : fmt::format("{:#06x}", code);
}

std::vector<std::string> group_names(std::span<const std::uint16_t> codes) {
  std::vector<std::string> out;
  for (const std::uint16_t code : codes) out.push_back(group_name(code));
  return out;
}

std::vector<std::string> suite_names(const VersionSeen& v) {
  std::vector<std::string> out;
  for (const std::uint16_t code : v.suites) {
    const std::string_view name = tls::suite_facts(code).name;
    out.push_back(name.empty() ? fmt::format("{:#06x}", code) : std::string(name));
  }
  for (const std::uint32_t kind : v.ssl2_kinds) out.push_back(fmt::format("{:#08x}", kind));
  return out;
}

std::string day(WallTime t) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t))); }

std::string instant(WallTime t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(WallClock::to_time_t(t)));
}

std::vector<std::string> all_names(const crypto::Certificate& leaf) {
  const crypto::SubjectNames names = leaf.names();
  std::vector<std::string> all = names.dns;
  all.insert(all.end(), names.addresses.begin(), names.addresses.end());
  return all;
}

std::string short_subject(const crypto::Certificate& c) {
  const std::string name = c.common_name();
  return name.empty() ? c.subject() : name;
}

}  // namespace sally::check
