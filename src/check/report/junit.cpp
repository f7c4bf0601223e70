#include "check/report/junit.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "check/report/words.h"

namespace sally::check {
namespace {

std::string xml(std::string_view raw) {
  std::string out;
  append_html(out, visible(raw));
  return out;
}

struct Suite {
  std::string cases;
  unsigned tests = 0, failures = 0, errors = 0, skipped = 0;

  void add(const std::string& place, std::string_view name, const std::string& inside) {
    ++tests;
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(place), xml(name));
    cases += inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n";
  }
};

std::string finding_words(const Finding& f) {
  return fmt::format("seen: {}\nmend: {}\n{}", f.evidence, f.kind->remedy, f.kind->source);
}

/// Line ends are kept, because they are ours.
std::string xml_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += xml(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Suite suite_of(const Examined& one, const std::string& place, std::optional<Severity> fail_on) {
  Suite out;
  if (one.tested()) {
    out.add(place, fmt::format("TLS is spoken: grade {}", grade_name(one.grade)), "");
  } else {
    ++out.errors;
    out.add(place, "TLS is spoken",
            fmt::format("      <error message=\"{}\"/>\n", xml(one.seen.reach.first.text())));
  }
  for (const Finding& f : one.findings) {
    const bool fails = one.tested() && fail_on && f.kind->severity >= *fail_on && !f.known;
    const std::string words = xml_lines(finding_words(f));
    if (fails) ++out.failures;
    out.add(place, f.kind->id,
            fails ? fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                                severity_name(f.kind->severity), xml(f.kind->title), words)
                  : fmt::format("      <system-out>{}: {}\n{}</system-out>\n",
                                severity_name(f.kind->severity), xml(f.kind->title), words));
  }
  for (const NotTested& n : one.seen.not_tested) {
    ++out.skipped;
    out.add(place, n.id, fmt::format("      <skipped message=\"{}\"/>\n", xml(n.reason)));
  }
  return out;
}

}  // namespace

std::string junit_report(std::span<const Examined> all, std::optional<Severity> fail_on) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sallyport check\">\n";
  for (const Examined& one : all) {
    const std::string place = one.address.empty() || one.address == one.target.endpoint()
                                  ? one.target.endpoint()
                                  : fmt::format("{} ({})", one.target.endpoint(), one.address);
    const Suite suite = suite_of(one, place, fail_on);
    out += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\" "
        "timestamp=\"{}\">\n{}  </testsuite>\n",
        xml(place), suite.tests, suite.failures, suite.errors, suite.skipped,
        std::chrono::duration<double>(one.took).count(), instant(one.seen.now).substr(0, 19), suite.cases);
  }
  return out + "</testsuites>\n";
}

}  // namespace sally::check
