#include "check/report/sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/digest.h"

namespace sally::check {
namespace {

std::string_view level_of(Severity s) {
  return s >= Severity::high ? "error" : s == Severity::medium ? "warning" : "note";
}

/// The numbers by which services sort, after CVSS: above 9 critical, 7 high, 4 medium, 0 low.
const char* number_of(Severity s) {
  constexpr const char* kNumbers[] = {"0.0", "3.0", "5.5", "8.0", "9.5"};
  return kNumbers[static_cast<std::size_t>(s)];
}

/// A rule for each row of opinion that was found; two of them may share an id.
std::vector<const FindingKind*> rules_of(std::span<const Examined> all) {
  std::vector<const FindingKind*> out;
  for (const Examined& one : all)
    for (const Finding& f : one.findings)
      if (std::ranges::find(out, f.kind->id, &FindingKind::id) == out.end()) out.push_back(f.kind);
  return out;
}

void write_rules(JsonText& json, const std::vector<const FindingKind*>& rules) {
  json.begin_array("rules");
  for (const FindingKind* const kind : rules) {
    json.begin_element().string("id", kind->id);
    json.begin_object("shortDescription").string("text", kind->title).end();
    json.begin_object("help").string("text", kind->remedy).end();
    json.begin_object("defaultConfiguration").string("level", level_of(kind->severity)).end();
    json.begin_object("properties").string("security-severity", number_of(kind->severity));
    if (!kind->source.empty()) json.string("source", kind->source);
    json.strings("tags", std::vector<std::string>{"security", "tls"}).end().end();
  }
  json.end();
}

void write_location(JsonText& json, const Examined& one) {
  const std::string place = one.target.endpoint();
  json.begin_array("locations").begin_element();
  json.begin_object("physicalLocation").begin_object("artifactLocation");
  json.string("uri", fmt::format("{}://{}/", one.target.is_http ? "https" : "tls", place)).end().end();
  json.begin_array("logicalLocations").begin_element();
  json.string("name", place).string("fullyQualifiedName", fmt::format("{} ({})", place, one.address));
  json.string("kind", "resource").end().end().end().end();
}

void write_result(JsonText& json, const Examined& one, const Finding& f, std::size_t rule) {
  json.begin_element().string("ruleId", f.kind->id).number("ruleIndex", static_cast<std::int64_t>(rule));
  json.string("level", level_of(f.kind->severity)).string("kind", "fail");
  if (f.known) json.string("baselineState", "unchanged");
  json.begin_object("message");
  json.string("text", fmt::format("{} Seen: {} Mend: {}", f.kind->title, f.evidence, f.kind->remedy)).end();
  write_location(json, one);
  const std::string key = fmt::format("{} {} {}", one.target.endpoint(), f.kind->id, one.address);
  json.begin_object("partialFingerprints");
  json.string("endpointAndId/v1", crypto::hex(crypto::sha256(as_bytes(std::string_view(key))))).end();
  json.begin_object("properties").string("severity", severity_name(f.kind->severity));
  json.string("grade", grade_name(one.grade)).string("evidence", f.evidence).end().end();
}

void write_notifications(JsonText& json, std::span<const Examined> all) {
  json.begin_array("invocations").begin_element();
  json.boolean("executionSuccessful", std::ranges::all_of(all, &Examined::tested));
  json.begin_array("toolExecutionNotifications");
  for (const Examined& one : all)
    for (const NotTested& n : one.seen.not_tested) {
      json.begin_element().string("level", "note");
      json.begin_object("descriptor").string("id", n.id).end().begin_object("message");
      json.string("text", fmt::format("{}: not tested: {}", one.target.endpoint(), n.reason)).end().end();
    }
  json.end().end().end();
}

}  // namespace

std::string sarif_report(std::span<const Examined> all) {
  const std::vector<const FindingKind*> rules = rules_of(all);
  JsonText json;
  json.string("$schema", "https://json.schemastore.org/sarif-2.1.0.json").string("version", "2.1.0");
  json.begin_array("runs").begin_element().begin_object("tool").begin_object("driver");
  json.string("name", "sallyport check");
  write_rules(json, rules);
  json.end().end();
  write_notifications(json, all);
  json.begin_array("results");
  for (const Examined& one : all)
    for (const Finding& f : one.findings) {
      const auto rule = std::ranges::find(rules, f.kind->id, &FindingKind::id);
      write_result(json, one, f, static_cast<std::size_t>(rule - rules.begin()));
    }
  return json.finish();
}

}  // namespace sally::check
