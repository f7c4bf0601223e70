#include <fmt/format.h>

#include "base/escape.h"
#include "check/report/drawing.h"
#include "check/report/html_style.h"
#include "check/report/trace_report.h"
#include "check/report/words.h"

namespace sally::check {
namespace {

std::string top(const TraceRequest& r, const Trace& t) {
  std::string out = fmt::format("<h2>{}</h2>\n", html(r.target.endpoint()));
  if (!t.address.empty()) out += fmt::format("<p class=\"soft\">{}</p>\n", html(t.address));
  if (t.shaken) out += fmt::format("<p>{}</p>\n", html(agreed_text(t)));
  if (!t.certificates.empty()) {
    const std::string verdict = html("certificate: " + verdict_text(r, t));
    out += t.trusted() ? fmt::format("<p class=\"well\">{}</p>\n", verdict)
                       : fmt::format("<article class=\"finding high\"><h4>{}</h4></article>\n", verdict);
  }
  if (!t.trouble.empty())
    out += fmt::format("<article class=\"finding critical\"><h4>{}</h4></article>\n",
                       html("failed: " + t.trouble));
  return out;
}

std::string drawing(const TraceRequest& r, const Trace& t) {
  std::vector<Arrow> arrows;
  for (const TraceStep& s : t.steps)
    if (s.who != TraceStep::Who::us)
      arrows.push_back({s.who == TraceStep::Who::client, s.encrypted, s.what,
                        s.says.empty() ? "" : s.says.front(), s.at_ms});
  if (arrows.empty()) return {};
  return "<h3>The handshake</h3>\n<p class=\"soft key\"><i></i><span>readable on the way</span>"
         "<i class=\"whole\"></i><span>encrypted</span></p>\n" +
         draw_handshake(arrows, r.target.host);
}

std::string step(const TraceStep& s) {
  const char* const from = s.who == TraceStep::Who::client   ? " from the client"
                           : s.who == TraceStep::Who::server ? " from the server"
                                                             : "";
  const std::string size =
      s.bytes == 0 ? "" : fmt::format(", {} bytes{}", s.bytes, s.encrypted ? ", encrypted" : "");
  std::string out = fmt::format("<dt>{:.1f} ms</dt><dd><b>{}</b><span class=\"soft\">{}{}</span>", s.at_ms,
                                html(s.what), from, size);
  for (const std::string& line : s.says) out += "<br>" + html(line);
  return out + "</dd>\n";
}

std::string path(const Trace& t) {
  if (t.certificates.empty()) return {};
  std::string out = "<h3>The certificate path</h3>\n<dl class=\"facts\">\n";
  for (const crypto::Certificate& one : shown_path(t))
    out += fmt::format("<dt>until {}</dt><dd>{}, {}</dd>\n", day(one.not_after()), html(short_subject(one)),
                       html(one.key().text));
  return out + "</dl>\n";
}

}  // namespace

std::string trace_html(const TraceRequest& request, const Trace& t) {
  std::string out(kReportHead);
  out += html(request.target.endpoint()) + " \u00b7 sallyport trace";
  out += kReportStyle;
  out += "<h1>One connection</h1>\n<section class=\"endpoint\">\n" + top(request, t) + drawing(request, t);
  out += "<h3>Step by step</h3>\n<dl class=\"facts\">\n";
  for (const TraceStep& s : t.steps) out += step(s);
  return out + "</dl>\n" + path(t) +
         "</section>\n<footer>Made by sallyport trace.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace sally::check
