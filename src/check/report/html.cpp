#include "check/report/html.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/escape.h"
#include "check/mend.h"
#include "check/report/drawing.h"
#include "check/report/html_style.h"
#include "check/report/ike_words.h"
#include "check/report/ssh_words.h"
#include "check/report/words.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

/// Keeps the line ends, which are ours.
std::string block(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += c;
    else
      append_html(out, std::string_view(&c, 1));
  }
  return out;
}

std::string_view tone(Grade g) {
  return g <= Grade::a ? "good" : g == Grade::b || g == Grade::c ? "fair" : "bad";
}

std::string count_text(const Examined& one) {
  std::vector<std::string> parts;
  for (const Severity s : kSeverities) {
    const auto n =
        std::ranges::count_if(one.findings, [&](const Finding& f) { return f.kind->severity == s; });
    if (n > 0) parts.push_back(fmt::format("{} {}", n, severity_name(s)));
  }
  return parts.empty() ? "nothing to mend" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string bar(std::string_view name, unsigned value) {
  return fmt::format(
      "<div class=\"bar\"><span>{}</span><i><b style=\"width:{}%\"></b></i><span>{}</span></div>\n", name,
      value, value);
}

std::string top(const Examined& one) {
  const Score score = score_of(one.seen);
  std::string out =
      fmt::format("<div class=\"top\">\n<div class=\"grade {}\">{}</div>\n<div class=\"words\"><h2>{}</h2>",
                  tone(one.grade), grade_name(one.grade), html(one.target.endpoint()));
  if (!one.address.empty()) out += fmt::format("<p class=\"soft\">{}</p>", html(one.address));
  out += fmt::format("<p>{}</p></div>\n", one.tested() ? count_text(one) : "could not be tested");
  if (one.tested())
    out += "<div class=\"bars\">\n" + bar("protocol", score.protocol) +
           bar("key exchange", score.key_exchange) + bar("cipher", score.cipher) + "</div>\n";
  return out + "</div>\n";
}

/// `shown`: texts that stand in the section already.
std::string finding(const Examined& one, const Finding& f, std::set<std::string_view>& shown) {
  const std::string_view severity = severity_name(f.kind->severity);
  std::string out =
      fmt::format("<article class=\"finding {}\">\n<h4><span class=\"severity\">{}</span>{}</h4>\n<dl>",
                  severity, severity, html(f.kind->title));
  out += fmt::format("<dt>seen</dt><dd>{}</dd><dt>mend</dt><dd>{}</dd></dl>\n", html(f.evidence),
                     html(f.kind->remedy));
  if (const auto snippet = snippet_for(one, f); snippet && shown.insert(snippet->text).second)
    out += fmt::format("<pre><span class=\"soft\"># {}</span>\n{}</pre>\n", html(snippet->software),
                       block(snippet->text));
  out += fmt::format("<p class=\"soft\"><code>{}</code>{}{}</p>\n</article>\n", html(f.kind->id),
                     f.kind->source.empty() ? "" : fmt::format(" \u00b7 {}", html(f.kind->source)),
                     f.known ? " \u00b7 known from the baseline" : "");
  return out;
}

std::string row(std::string_view name, const std::string& inside) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", html(name), inside);
}

std::string code_list(const std::vector<std::string>& names) {
  std::string out = "<ul class=\"names\">";
  for (const std::string& name : names) out += "<li><code>" + html(name) + "</code></li>";
  return out + "</ul>";
}

std::string certificate_rows(const HandshakeSeen& h) {
  if (h.certificates.empty()) return {};
  const crypto::Certificate& leaf = h.certificates.front();
  std::string out =
      row("certificate", fmt::format("{}, {}", html(short_subject(leaf)), html(leaf.key().text)));
  out += row("for", html(fmt::format("{}", fmt::join(all_names(leaf), ", "))));
  out += row("valid", fmt::format("{} to {}", day(leaf.not_before()), day(leaf.not_after())));
  std::vector<std::string> path;
  for (const crypto::Certificate& one : h.certificates) path.push_back(short_subject(one));
  path.push_back(h.certificates.back().issuer_common_name());
  if (h.certificates.back().is_self_signed()) path.pop_back();
  out += row("path", html(fmt::format("{}", fmt::join(path, " \u2190 "))));
  return out + row("SHA-256", "<code>" + crypto::hex(leaf.fingerprint()) + "</code>");
}

std::string facts(const Observations& seen) {
  std::string out = "<h3>What was seen</h3>\n<dl class=\"facts\">\n";
  if (seen.ssh)
    for (const auto& [name, text] : ssh_rows(*seen.ssh)) out += row(name, html(text));
  if (seen.ike)
    for (const auto& [name, text] : ike_rows(*seen.ike)) out += row(name, html(text));
  for (const VersionSeen& v : seen.versions) {
    const std::string name = tls::version_name(v.version);
    out += v.offered ? row(name, code_list(suite_names(v)))
                     : row(name, v.known ? "<span class=\"soft\">not offered</span>"
                                         : "<span class=\"soft\">not known: " + html(v.why) + "</span>");
  }
  if (seen.groups)
    out += row("groups", html(fmt::format("{}", fmt::join(group_names(seen.groups->groups), ", "))));
  if (seen.handshake) out += certificate_rows(*seen.handshake);
  if (seen.http) {
    out += row("GET /", std::to_string(seen.http->status));
    for (const char* name : {"location", "server", "strict-transport-security"})
      if (const std::string* const value = seen.http->field(name)) out += row(name, html(*value));
  }
  return out + "</dl>\n";
}

std::string handshake(const Examined& one) {
  if (!one.seen.handshake || one.seen.handshake->messages.empty()) return {};
  const HandshakeSeen& h = *one.seen.handshake;
  return "<h3>The handshake</h3>\n<p class=\"soft key\"><i></i><span>readable on the way</span>"
         "<i class=\"whole\"></i><span>encrypted</span></p>\n" +
         draw_handshake(arrows_of(h, one.target.server_name()), one.target.host);
}

std::string endpoint(const Examined& one) {
  std::string out = "<section class=\"endpoint\">\n" + top(one);
  if (!one.findings.empty()) {
    out += "<h3>Findings</h3>\n";
    std::set<std::string_view> shown;
    for (const Finding& f : one.findings) out += finding(one, f, shown);
  } else if (one.tested()) {
    out += "<h3>Findings</h3>\n<p class=\"well\">Nothing to mend.</p>\n";
  }
  out += handshake(one);
  if (one.tested()) out += facts(one.seen);
  if (!one.seen.not_tested.empty()) {
    out += "<h3>Not tested</h3>\n<dl class=\"facts\">\n";
    for (const NotTested& n : one.seen.not_tested) out += row(n.id, html(n.reason));
    out += "</dl>\n";
  }
  return out + fmt::format("<p class=\"soft\">{}, {} connections, {:.2f} s</p>\n</section>\n",
                           instant(one.seen.now), one.seen.connections,
                           std::chrono::duration<double>(one.took).count());
}

}  // namespace

std::string html_report(std::span<const Examined> all) {
  std::string out(kReportHead);
  const std::string title =
      all.size() == 1 ? all.front().target.endpoint() : fmt::format("{} endpoints", all.size());
  out += html(title) + " \u00b7 sallyport check";
  out += kReportStyle;
  out += "<h1>Security report</h1>\n";
  for (const Examined& one : all) out += endpoint(one);
  return out +
         "<footer>Made by sallyport check. The grade is the worst of a score by the SSL Labs rating guide "
         "and the "
         "cap of each finding.</footer>\n</main>\n</body>\n</html>\n";
}

}  // namespace sally::check
