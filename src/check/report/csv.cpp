#include "check/report/csv.h"

#include <initializer_list>

#include "base/escape.h"

namespace sally::check {
namespace {

void append_cell(std::string& out, std::string_view raw) {
  const std::string text = visible(raw);
  out += '"';
  // A formula in a cell is run by whoever opens the file.
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos && text != "-")
    out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_row(std::string& out, std::initializer_list<std::string_view> cells) {
  bool first = true;
  for (const std::string_view cell : cells) {
    if (!first) out += ',';
    first = false;
    append_cell(out, cell);
  }
  out += "\r\n";  // RFC 4180 2.1
}

}  // namespace

std::string csv_report(std::span<const Examined> all) {
  std::string out;
  append_row(out, {"target", "address", "grade", "severity", "id", "title", "evidence", "remedy", "source",
                   "known"});
  for (const Examined& one : all) {
    const std::string target = one.target.endpoint();
    const std::string_view grade = grade_name(one.grade);
    for (const Finding& f : one.findings)
      append_row(out, {target, one.address, grade, severity_name(f.kind->severity), f.kind->id, f.kind->title,
                       f.evidence, f.kind->remedy, f.kind->source, f.known ? "yes" : "no"});
    for (const NotTested& n : one.seen.not_tested)
      append_row(out, {target, one.address, grade, "not tested", n.id, "", n.reason, "", "", ""});
    if (one.findings.empty() && one.seen.not_tested.empty())
      append_row(out, {target, one.address, grade, "", "", "", "", "", "", ""});
  }
  return out;
}

}  // namespace sally::check
