#include "check/baseline.h"

#include <nlohmann/json.hpp>

namespace sally::check {
namespace {

using nlohmann::json;

/// nullptr: there is no such member, or it is no array.
const json* list_of(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

/// nullptr: there is no such member, or it is no string.
const std::string* text_of(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace

Result<Baseline> Baseline::parse(std::string_view text) {
  const json report = json::parse(text, nullptr, false);
  if (report.is_discarded()) return fail(kBadBaseline, "it is no JSON");
  const json* const targets = list_of(report, "targets");
  if (!targets) return fail(kBadBaseline, "it has no list \"targets\"");
  Baseline out;
  for (const json& target : *targets) {
    const std::string* const endpoint = text_of(target, "target");
    const json* const findings = list_of(target, "findings");
    if (!endpoint || !findings)
      return fail(kBadBaseline, "a member of \"targets\" lacks \"target\" or \"findings\"");
    for (const json& finding : *findings) {
      const std::string* const id = text_of(finding, "id");
      if (!id) return fail(kBadBaseline, "a finding lacks its \"id\"");
      out.known_.emplace(*endpoint, *id);
    }
  }
  return out;
}

}  // namespace sally::check
