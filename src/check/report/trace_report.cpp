#include "check/report/trace_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/escape.h"
#include "base/json.h"
#include "check/report/words.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

std::string paint(bool colour, std::string_view code, std::string_view text) {
  return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string arrow_of(const TraceStep& s) {
  return s.who == TraceStep::Who::us ? "  " : s.who == TraceStep::Who::client ? "->" : "<-";
}

std::string step_text(const TraceStep& s, bool colour) {
  std::string out =
      fmt::format("{:>9.1f} ms  {} {}", s.at_ms, arrow_of(s), paint(colour, "1", visible(s.what)));
  if (s.bytes != 0)
    out += paint(colour, "2", fmt::format("  {} bytes{}", s.bytes, s.encrypted ? ", encrypted" : ""));
  out += '\n';
  for (const std::string& line : s.says) out += fmt::format("                  {}\n", visible(line));
  return out;
}

std::string path_text(const TraceRequest& r, const Trace& t, bool colour) {
  std::string out = fmt::format("  {}\n", paint(colour, "1", "certificate path"));
  for (const crypto::Certificate& one : shown_path(t))
    out += fmt::format("    {}, {}, until {}\n", visible(short_subject(one)), one.key().text,
                       day(one.not_after()));
  return out + fmt::format("    {}\n", paint(colour, t.trusted() ? "32" : "31", visible(verdict_text(r, t))));
}

}  // namespace

std::string agreed_text(const Trace& t) {
  std::string out = fmt::format("{}, {}", tls::version_name(t.version), tls::suite_facts(t.suite).name);
  if (t.group != 0) out += ", " + group_name(t.group);
  if (!t.alpn.empty()) out += ", " + t.alpn;
  return out;
}

const std::vector<crypto::Certificate>& shown_path(const Trace& t) {
  return t.trust.path.empty() ? t.certificates : t.trust.path;
}

std::string verdict_text(const TraceRequest& r, const Trace& t) {
  if (!t.trust.trusted) return "not trusted: " + (t.trust.why.empty() ? "no path to a root" : t.trust.why);
  if (!t.name_covered)
    return fmt::format("trusted, but not for {}", r.server_name.empty() ? r.target.host : r.server_name);
  return "trusted";
}

std::string trace_text(const TraceRequest& request, const Trace& t, bool colour) {
  std::string out = paint(colour, "1", request.target.endpoint()) + "\n";
  for (const TraceStep& s : t.steps) out += step_text(s, colour);
  if (t.shaken) out += fmt::format("  {}  {}\n", paint(colour, "1", "agreed"), agreed_text(t));
  if (!t.certificates.empty()) out += path_text(request, t, colour);
  if (!t.trouble.empty()) out += fmt::format("  {}  {}\n", paint(colour, "31", "failed"), visible(t.trouble));
  return out;
}

std::string trace_json(const TraceRequest& request, const Trace& t) {
  JsonText json;
  json.string("target", request.target.endpoint()).string("address", t.address);
  json.begin_array("steps");
  for (const TraceStep& s : t.steps) {
    json.begin_element().string("what", s.what);
    if (s.who != TraceStep::Who::us)
      json.string("from", s.who == TraceStep::Who::client ? "client" : "server")
          .number("bytes", s.bytes)
          .boolean("encrypted", s.encrypted);
    json.strings("says", s.says).decimal("milliseconds", s.at_ms).end();
  }
  json.end().boolean("connected", t.connected).boolean("handshake", t.shaken);
  if (t.shaken) {
    json.string("version", tls::version_name(t.version)).string("suite", tls::suite_facts(t.suite).name);
    if (t.group != 0) json.string("group", group_name(t.group));
    json.string("alpn", t.alpn);
  }
  json.begin_array("path");
  for (const crypto::Certificate& one : shown_path(t)) {
    json.begin_element().string("subject", one.subject()).string("issuer", one.issuer());
    json.string("key", one.key().text).string("not_after", instant(one.not_after()));
    json.string("sha256", crypto::hex(one.fingerprint())).end();
  }
  json.end();
  if (!t.certificates.empty())
    json.boolean("trusted", t.trusted()).string("verdict", verdict_text(request, t));
  if (t.status != 0) json.number("status", t.status);
  if (!t.trouble.empty()) json.string("failed", t.trouble);
  return json.finish();
}

}  // namespace sally::check
