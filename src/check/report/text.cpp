#include "check/report/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/ascii.h"
#include "tls/groups.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

std::string paint(const TextStyle& style, std::string_view code, std::string_view text) {
  return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string_view colour_of(Severity s) {
  switch (s) {
    case Severity::critical:
    case Severity::high:
      return "31";
    case Severity::medium:
      return "33";
    case Severity::low:
      return "36";
    case Severity::info:
      break;
  }
  return "2";
}

/// Breaks at spaces; the first line stands behind what is already there.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (column != indent && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    }
    if (column != indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    if (space == std::string_view::npos) break;
    text.remove_prefix(space + 1);
  }
  return out;
}

std::string finding_text(const Finding& f, const TextStyle& style) {
  const std::string severity = fmt::format("{:<8}", severity_name(f.kind->severity));
  std::string out = fmt::format("  {}  {}\n", paint(style, colour_of(f.kind->severity), severity),
                                paint(style, "1", wrapped(f.kind->title, 12, style.width)));
  const std::string source = f.kind->source.empty() ? "" : fmt::format(" ({})", f.kind->source);
  out += fmt::format("            seen: {}\n", wrapped(f.evidence, 18, style.width));
  out += fmt::format("            mend: {}\n", wrapped(f.kind->remedy, 18, style.width));
  out += fmt::format("            {}\n", paint(style, "2", fmt::format("{}{}", f.kind->id, source)));
  return out;
}

std::string line(std::string_view what, std::string_view text, const TextStyle& style) {
  return fmt::format("    {:<13} {}\n", what, wrapped(text, 18, style.width));
}

std::string day(WallTime t) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(t))); }

std::string group_text(std::uint16_t code) {
  const tls::GroupFacts* const g = tls::group_facts(code);
  return g ? std::string(g->name) : fmt::format("{:#06x}", code);
}

std::string certificate_text(const HandshakeSeen& h, const TextStyle& style) {
  if (h.certificates.empty()) return {};
  const crypto::Certificate& leaf = h.certificates.front();
  const crypto::SubjectNames names = leaf.names();
  std::vector<std::string> all = names.dns;
  all.insert(all.end(), names.addresses.begin(), names.addresses.end());
  std::string out =
      line("certificate",
           fmt::format("{}, {}, by {}", leaf.common_name().empty() ? leaf.subject() : leaf.common_name(),
                       leaf.key().text, leaf.issuer_common_name()),
           style);
  out += line("", fmt::format("for {}", fmt::join(all, ", ")), style);
  out += line("",
              fmt::format("from {} to {}, {} certificates sent", day(leaf.not_before()),
                          day(leaf.not_after()), h.certificates.size()),
              style);
  return out;
}

std::string handshake_text(const HandshakeSeen& h, const TextStyle& style) {
  std::string out = certificate_text(h, style);
  if (h.completed)
    out += line("handshake",
                fmt::format("{}, {}, {}", tls::version_name(h.version), tls::suite_facts(h.suite).name,
                            h.group == 0 ? "no group" : group_text(h.group)),
                style);
  out += line("ALPN", h.alpn.empty() ? "none" : h.alpn, style);
  const char* const resumption = !h.gave_session ? "no session is given"
                                 : !h.resumed ? "a session is given; whether it is taken back was not tested"
                                 : *h.resumed ? "works"
                                              : "a session is given and not taken back";
  out += line("resumption", resumption, style);
  out += line("OCSP stapling", h.stapled ? "yes" : "no", style);
  return out;
}

std::string facts_text(const Observations& seen, const TextStyle& style) {
  std::string out = "  what was seen\n";
  for (const VersionSeen& v : seen.versions) {
    if (!v.offered) {
      out += line(tls::version_name(v.version), v.known ? "not offered" : "not known: " + v.why, style);
      continue;
    }
    std::vector<std::string> names;
    for (const std::uint16_t code : v.suites) names.emplace_back(tls::suite_facts(code).name);
    for (const std::uint32_t kind : v.ssl2_kinds) names.push_back(fmt::format("{:#08x}", kind));
    const std::string order = !v.server_order   ? ""
                              : *v.server_order ? " (the server's order counts)"
                                                : " (the client's order counts)";
    out += line(tls::version_name(v.version), fmt::format("{}{}", fmt::join(names, ", "), order), style);
  }
  if (seen.groups) {
    std::vector<std::string> names;
    for (const std::uint16_t g : seen.groups->groups) names.push_back(group_text(g));
    out += line("groups", fmt::format("{}", fmt::join(names, ", ")), style);
  }
  if (seen.handshake) out += handshake_text(*seen.handshake, style);
  if (seen.http) {
    const std::string* const to = seen.http->field("location");
    out += line("GET /", fmt::format("{}{}", seen.http->status, to ? " to " + *to : ""), style);
    if (const std::string* const hsts = seen.http->field("strict-transport-security"))
      out += line("HSTS", *hsts, style);
  }
  const Score score = score_of(seen);
  out += line("SSL Labs",
              fmt::format("{} of 100 (protocol {}, key exchange {}, cipher {})", score.total, score.protocol,
                          score.key_exchange, score.cipher),
              style);
  return out;
}

std::string_view colour_of(Grade g) {
  return g <= Grade::a ? "1;32" : g == Grade::b || g == Grade::c ? "1;33" : "1;31";
}

}  // namespace

std::string text_report(const Examined& one, const TextStyle& style) {
  std::string out = paint(style, "1", one.target.endpoint());
  if (!one.address.empty() && one.address != one.target.endpoint()) out += fmt::format(" ({})", one.address);
  out += fmt::format("  {}\n", one.tested()
                                   ? "grade " + paint(style, colour_of(one.grade), grade_name(one.grade))
                                   : paint(style, "1;31", "could not be tested"));
  std::size_t hidden = 0;
  for (const Finding& f : one.findings) {
    if (f.kind->severity == Severity::info && !style.all)
      ++hidden;
    else
      out += finding_text(f, style);
  }
  if (one.tested() && hidden == one.findings.size()) out += "  Nothing to mend.\n";
  if (style.all && one.tested()) out += facts_text(one.seen, style);
  if (!one.seen.not_tested.empty() &&
      (style.all || !one.tested() || one.seen.not_tested.front().id != "http.redirect")) {
    out += "  not tested\n";
    for (const NotTested& n : one.seen.not_tested) out += line(n.id, n.reason, style);
  }
  out +=
      paint(style, "2",
            fmt::format("  {} connections, {:.2f} s{}", one.seen.connections,
                        std::chrono::duration<double>(one.took).count(),
                        hidden > 0 && !style.all ? fmt::format("; {} remarks more with --all", hidden) : ""));
  return out + "\n";
}

}  // namespace sally::check
