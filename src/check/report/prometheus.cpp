#include "check/report/prometheus.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "base/escape.h"
#include "check/report/words.h"

namespace sally::check {
namespace {

std::string label(std::string_view raw) {
  std::string out;
  for (const char c : visible(raw)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string place(const Examined& one) {
  return fmt::format("target=\"{}\",address=\"{}\"", label(one.target.endpoint()), label(one.address));
}

/// One metric: what it means, and its lines for one endpoint.
struct Metric {
  const char *name, *help;
  std::function<std::vector<std::string>(const Examined&)> lines;  ///< "further labels} value"
};

std::vector<std::string> finding_lines(const Examined& one) {
  std::set<std::string> out;  // two rows of opinion may share an id
  for (const Finding& f : one.findings)
    out.insert(fmt::format(",id=\"{}\",severity=\"{}\"}} 1", f.kind->id, severity_name(f.kind->severity)));
  return {out.begin(), out.end()};
}

std::vector<std::string> count_lines(const Examined& one) {
  std::vector<std::string> out;
  for (const Severity s : kSeverities) {
    const auto n =
        std::ranges::count_if(one.findings, [&](const Finding& f) { return f.kind->severity == s; });
    out.push_back(fmt::format(",severity=\"{}\"}} {}", severity_name(s), n));
  }
  return out;
}

std::vector<std::string> expiry_lines(const Examined& one) {
  if (!one.seen.handshake || one.seen.handshake->certificates.empty()) return {};
  const auto ends = one.seen.handshake->certificates.front().not_after();
  return {fmt::format("}} {}", std::chrono::floor<std::chrono::seconds>(ends).time_since_epoch().count())};
}

const std::vector<Metric>& metrics() {
  using Lines = std::vector<std::string>;
  static const std::vector<Metric> kAll = {
      {"sallyport_check_tested", "1 if TLS was spoken, so that there is something to judge.",
       [](const Examined& one) { return Lines{one.tested() ? "} 1" : "} 0"}; }},
      {"sallyport_check_grade", "1 for the grade that the endpoint has.",
       [](const Examined& one) { return Lines{fmt::format(",grade=\"{}\"}} 1", grade_name(one.grade))}; }},
      {"sallyport_check_score", "The number of the SSL Labs rating guide, 0 to 100.",
       [](const Examined& one) { return Lines{fmt::format("}} {}", score_of(one.seen).total)}; }},
      {"sallyport_check_findings", "How many findings of a severity there are.", count_lines},
      {"sallyport_check_finding", "1 for each finding.", finding_lines},
      {"sallyport_check_certificate_expiry_timestamp_seconds", "When the server's certificate ends.",
       expiry_lines},
      {"sallyport_check_duration_seconds", "How long the check took.",
       [](const Examined& one) {
         return Lines{fmt::format("}} {:.3f}", std::chrono::duration<double>(one.took).count())};
       }},
      {"sallyport_check_timestamp_seconds", "When the check was done.",
       [](const Examined& one) {
         return Lines{fmt::format(
             "}} {}", std::chrono::floor<std::chrono::seconds>(one.seen.now).time_since_epoch().count())};
       }},
  };
  return kAll;
}

}  // namespace

std::string prometheus_report(std::span<const Examined> all) {
  std::string out;
  for (const Metric& metric : metrics()) {
    std::set<std::string> seen;
    std::string lines;
    for (const Examined& one : all) {
      const std::string where = place(one);
      if (!seen.insert(where).second) continue;
      for (const std::string& rest : metric.lines(one))
        lines += fmt::format("{}{{{}{}\n", metric.name, where, rest);
    }
    if (!lines.empty())
      out += fmt::format("# HELP {} {}\n# TYPE {} gauge\n{}", metric.name, metric.help, metric.name, lines);
  }
  return out;
}

}  // namespace sally::check
