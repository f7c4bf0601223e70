#include "load/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace sally::load {
namespace {

using nlohmann::json;

constexpr double kRateSlack = 0.03, kTimeSlack = 0.05, kCostSlack = 0.05, kMemorySlack = 0.1;
constexpr std::size_t kMostPercentiles = 64;

/// nullopt: there is no such number. Never an infinity: JSON has none.
std::optional<double> number_in(const json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

const json& part_of(const json& object, const char* key) {
  static const json kNone;
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? *found : kNone;
}

void add_latency(const json& result, std::vector<Figure>& figures) {
  const json& list = part_of(part_of(result, "latency"), "percentiles");
  if (!list.is_array() || list.size() > kMostPercentiles) return;
  for (const json& one : list) {
    const auto percent = number_in(one, "percentile"), us = number_in(one, "us");
    if (!percent || !us) continue;
    figures.push_back({fmt::format("latency {:g} %, us", *percent), *us, number_in(one, "low_us").value_or(0),
                       number_in(one, "high_us").value_or(0), kTimeSlack, false});
  }
}

void add_costs(const json& result, std::vector<Figure>& figures) {
  const json& server = part_of(result, "server");
  if (const auto cpu = number_in(server, "cpu_us_per_operation"))
    figures.push_back({"server CPU, us", *cpu, *cpu, *cpu, kCostSlack, false});
  if (const auto memory = number_in(server, "memory_bytes_most"))
    figures.push_back(
        {"server memory, KiB", *memory / 1024, *memory / 1024, *memory / 1024, kMemorySlack, false});
}

Change judge(const Figure& before, const Figure& after) {
  const bool known = before.high > 0 && after.high > 0;
  const double ratio = before.value > 0 ? after.value / before.value : 1;
  const bool apart = after.low > before.high || after.high < before.low;
  if (!known || !apart || std::abs(ratio - 1) <= before.slack) return Change::within_noise;
  return (ratio > 1) == before.more_is_better ? Change::better : Change::worse;
}

std::string_view word_of(Change change) {
  switch (change) {
    case Change::better:
      return "better";
    case Change::worse:
      return "worse";
    case Change::within_noise:
      break;
  }
  return "within noise";
}

}  // namespace

Result<Measured> parse_result(std::string_view text) {
  const json result = json::parse(text, nullptr, false);
  if (result.is_discarded() || !result.is_object()) return fail(kBadResult, "it is no JSON object");
  if (part_of(result, "format") != "sallyport-load-1") return fail(kBadResult, "its format is another one");
  Measured out;
  const json& operation = part_of(result, "operation");
  const auto rate = number_in(result, "per_second"), failed = number_in(result, "failed");
  if (!operation.is_string() || !rate || !failed || *failed > 1e18)
    return fail(kBadResult, "something is missing in it");
  out.operation = operation.get<std::string>();
  out.failed = static_cast<std::uint64_t>(*failed);
  const auto noise = number_in(result, "per_second_noise_percent");
  const double part = noise.value_or(0) / 100;
  out.figures.push_back({out.operation + "s a second", *rate, noise ? *rate * (1 - part) : 0,
                         noise ? *rate * (1 + part) : 0, kRateSlack, true});
  add_latency(result, out.figures);
  add_costs(result, out.figures);
  for (const char* key : {"connections", "threads", "streams", "pipeline", "rate", "body_bytes"})
    if (const auto value = number_in(part_of(result, "plan"), key))
      out.terms.push_back(fmt::format("{} {:g}", key, *value));
  for (const char* key : {"version", "group", "suite", "alpn"}) {
    const json& value = part_of(part_of(result, "tls"), key);
    if (value.is_string()) out.terms.push_back(fmt::format("{} {}", key, value.get<std::string>()));
  }
  return out;
}

bool Comparison::is_worse() const {
  return std::ranges::any_of(rows, [](const CompareRow& row) { return row.change == Change::worse; });
}

Result<Comparison> compare(const Measured& before, const Measured& after) {
  if (before.operation != after.operation)
    return fail(kBadResult, fmt::format("one counts {}s, the other {}s", before.operation, after.operation));
  Comparison out;
  for (const Figure& was : before.figures) {
    const auto is = std::ranges::find(after.figures, was.name, &Figure::name);
    if (is == after.figures.end()) continue;
    out.rows.push_back(
        {was.name, was.value, is->value, was.value > 0 ? is->value / was.value : 0, judge(was, *is)});
  }
  if (before.failed != 0 || after.failed != 0) {
    const auto was = static_cast<double>(before.failed), is = static_cast<double>(after.failed);
    // The first error is told, whatever its share.
    const Change change = before.failed == 0  ? Change::worse
                          : after.failed == 0 ? Change::better
                                              : Change::within_noise;
    out.rows.push_back({"errors", was, is, was > 0 ? is / was : 0, change});
  }
  for (std::size_t i = 0; i < std::max(before.terms.size(), after.terms.size()); ++i) {
    const std::string was = i < before.terms.size() ? before.terms[i] : "nothing";
    const std::string is = i < after.terms.size() ? after.terms[i] : "nothing";
    if (was != is) out.differing.push_back(was + ", then " + is);
  }
  return out;
}

std::string compare_text(const Comparison& comparison, bool colour) {
  std::string out = fmt::format("{:<22}{:>14}{:>14}{:>9}\n", "", "before", "after", "ratio");
  for (const CompareRow& row : comparison.rows) {
    std::string word(word_of(row.change));
    if (colour && row.change != Change::within_noise)
      word = fmt::format("\x1b[{}m{}\x1b[0m", row.change == Change::worse ? 31 : 32, word);
    out += fmt::format("{:<22}{:>14.2f}{:>14.2f}{:>9.3f}  {}\n", row.name, row.before, row.after, row.ratio,
                       word);
  }
  for (const std::string& one : comparison.differing) out += "not the same in both: " + one + "\n";
  return out;
}

std::string compare_json(const Comparison& comparison) {
  JsonText json;
  json.string("format", "sallyport-load-compare-1")
      .boolean("worse", comparison.is_worse())
      .begin_array("figures");
  for (const CompareRow& row : comparison.rows) {
    json.begin_element().string("name", row.name).decimal("before", row.before).decimal("after", row.after);
    json.decimal("ratio", row.ratio).string("change", word_of(row.change)).end();
  }
  json.end().strings("differing", comparison.differing);
  return json.finish();
}

}  // namespace sally::load
