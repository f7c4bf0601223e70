#include "check/report/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/escape.h"
#include "check/dns_facts.h"
#include "check/http3_ask.h"
#include "check/mail_facts.h"
#include "check/mend.h"
#include "check/report/ike_words.h"
#include "check/report/ssh_words.h"
#include "check/report/words.h"
#include "tls/hello_builder.h"
#include "tls/signature_names.h"
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

/// Breaks at spaces; the first line stands behind what is already there. Nothing in it is obeyed by a
/// terminal.
std::string wrapped(std::string_view raw, std::size_t indent, std::size_t width) {
  const std::string shown = visible(raw);
  std::string_view text = shown;
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

/// Of one endpoint: texts that stand in the report already.
using Shown = std::set<std::string_view>;

std::string snippet_lines(const Examined& one, const Finding& f, Shown& shown) {
  const auto snippet = snippet_for(one, f);
  if (!snippet) return {};
  if (!shown.insert(snippet->text).second)
    return fmt::format("            {}: as above\n", snippet->software);
  std::string out = fmt::format("            {}:\n", snippet->software);
  std::string_view text = snippet->text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += fmt::format("                  {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string finding_text(const Examined& one, const Finding& f, const TextStyle& style, Shown& shown) {
  const std::string severity = fmt::format("{:<8}", severity_name(f.kind->severity));
  std::string out = fmt::format("  {}  {}\n", paint(style, colour_of(f.kind->severity), severity),
                                paint(style, "1", wrapped(f.kind->title, 12, style.width)));
  const std::string source = f.kind->source.empty() ? "" : fmt::format(" ({})", f.kind->source);
  out += fmt::format("            seen: {}\n", wrapped(f.evidence, 18, style.width));
  out += fmt::format("            mend: {}\n", wrapped(f.kind->remedy, 18, style.width));
  out += snippet_lines(one, f, shown);
  const std::string known = !f.waived.empty() ? ", let pass " + visible(f.waived)
                            : f.known         ? ", known from the baseline"
                                              : "";
  out += fmt::format("            {}\n", paint(style, "2", fmt::format("{}{}{}", f.kind->id, source, known)));
  return out;
}

std::string line(std::string_view what, std::string_view text, const TextStyle& style) {
  return fmt::format("    {:<13} {}\n", what, wrapped(text, 18, style.width));
}

std::string certificate_text(const HandshakeSeen& h, const TextStyle& style) {
  if (h.certificates.empty()) return {};
  const crypto::Certificate& leaf = h.certificates.front();
  std::string out = line(
      "certificate",
      fmt::format("{}, {}, by {}", short_subject(leaf), leaf.key().text, leaf.issuer_common_name()), style);
  out += line("", fmt::format("for {}", fmt::join(all_names(leaf), ", ")), style);
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
                            h.group == 0 ? "no group" : group_name(h.group)),
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

std::string page_text(const PageSeen& page, const TextStyle& style) {
  std::string trail;
  for (const Hop& hop : page.chain.hops) trail += fmt::format("{}{}", trail.empty() ? "" : " -> ", hop.url);
  if (!page.chain.next.empty()) trail += " -> " + page.chain.next;
  if (page.parts) trail += fmt::format(", {} bytes, {} parts", page.bytes, page.parts->parts.size());
  return line("page", trail, style);
}

std::string http3_text(const Http3Seen& h, const TextStyle& style) {
  if (h.end == Http3Seen::End::not_asked) return {};
  std::vector<std::string> versions;
  for (const std::uint32_t one : h.versions) versions.push_back(quic_version_name(one));
  const std::string where =
      fmt::format("UDP port {}, {} by Alt-Svc", h.port, h.announced ? "announced" : "not announced");
  if (!h.has_session()) return line("HTTP/3", fmt::format("none: {}; {}", h.why, where), style);
  return line("HTTP/3",
              fmt::format("{}, {}, {}, QUIC {}; {}",
                          h.status != 0 ? fmt::format("answers {}", h.status) : "no answer: " + h.why,
                          tls::suite_facts(h.suite).name, group_name(h.group),
                          versions.empty() ? quic_version_name(h.version)
                                           : fmt::format("{}", fmt::join(versions, ", ")),
                          where),
              style);
}

std::string facts_text(const Examined& one, const TextStyle& style) {
  const Observations& seen = one.seen;
  std::string out = "  what was seen\n";
  if (seen.ssh)
    for (const auto& [name, text] : ssh_rows(*seen.ssh)) out += line(name, text, style);
  if (seen.ike)
    for (const auto& [name, text] : ike_rows(*seen.ike)) out += line(name, text, style);
  if (!one.target.by_tls()) return out;
  for (const VersionSeen& v : seen.versions) {
    if (!v.offered) {
      out += line(tls::version_name(v.version), v.known ? "not offered" : "not known: " + v.why, style);
      continue;
    }
    const std::string order = !v.server_order   ? ""
                              : *v.server_order ? " (the server's order counts)"
                                                : " (the client's order counts)";
    out += line(tls::version_name(v.version), fmt::format("{}{}", fmt::join(suite_names(v), ", "), order),
                style);
  }
  if (seen.groups) {
    out += line("groups", fmt::format("{}", fmt::join(group_names(seen.groups->groups), ", ")), style);
  }
  if (seen.handshake) out += handshake_text(*seen.handshake, style);
  for (const RevocationSeen& r : seen.revocation)
    out += line("revoked", fmt::format("{} by {} at {}", r.revoked ? "yes" : "no", r.source, r.url), style);
  if (seen.http) {
    const std::string* const to = seen.http->field("location");
    out += line("GET /", fmt::format("{}{}", seen.http->status, to ? " to " + *to : ""), style);
    if (const std::string* const hsts = seen.http->field("strict-transport-security"))
      out += line("HSTS", *hsts, style);
  }
  for (const SignaturesSeen& s : seen.signatures) {
    if (s.algorithms.empty()) continue;
    std::vector<std::string> names;
    for (const std::uint16_t code : s.algorithms) names.push_back(tls::signature_name(code));
    out += line("signatures", fmt::format("{}: {}", tls::version_name(s.version), fmt::join(names, ", ")),
                style);
  }
  if (seen.page) out += page_text(*seen.page, style);
  if (seen.http3) out += http3_text(*seen.http3, style);
  if (one.observatory)
    out += line(
        "MDN", fmt::format("{} ({}) by the HTTP Observatory", one.observatory->score, one.observatory->grade),
        style);
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

bool wants_snippet(const Finding& f) {
  return f.kind->severity != Severity::info && has_snippets(f.kind->id);
}

/// Where nothing is named, these are not tested on most machines.
bool is_expected(const NotTested& n) {
  return n.id == "http.redirect" || n.id == "cert.caa" || n.id == "cert.dane" || n.id == "ssh.sshfp";
}

std::string dns_text(const Observations& seen, const TextStyle& style) {
  std::string out;
  if (seen.dns && seen.dns->caa && !seen.dns->caa->at.empty()) {
    std::vector<std::string> all;
    for (const CaaRecord& r : seen.dns->caa->records) all.push_back(fmt::format("{} \"{}\"", r.tag, r.value));
    out += line("CAA", fmt::format("{} at {}", fmt::join(all, ", "), seen.dns->caa->at), style);
  }
  if (seen.dns && seen.dns->tlsa)
    for (const TlsaRecord& r : seen.dns->tlsa->records)
      out += line("TLSA", fmt::format("{} at {}", r.text(), seen.dns->tlsa->at), style);
  if (seen.dns && seen.dns->sshfp)
    for (const SshfpRecord& r : seen.dns->sshfp->records)
      out += line("SSHFP", fmt::format("{} at {}", r.text(), seen.dns->sshfp->at), style);
  if (seen.mail && seen.mail->policy)
    out += line("MTA-STS",
                fmt::format("{} at {}: {}", mode_name(seen.mail->policy->mode), seen.mail->domain,
                            fmt::join(seen.mail->policy->mx, ", ")),
                style);
  if (seen.mail && seen.mail->reports && !seen.mail->reports->empty())
    out += line("TLS-RPT", fmt::format("{}", fmt::join(*seen.mail->reports, ", ")), style);
  return out;
}

}  // namespace

std::string text_report(const Examined& one, const TextStyle& style) {
  std::string out = paint(style, "1", one.target.endpoint());
  if (!one.address.empty() && one.address != one.target.endpoint()) out += fmt::format(" ({})", one.address);
  out += fmt::format("  {}\n", one.tested()
                                   ? "grade " + paint(style, colour_of(one.grade), grade_name(one.grade))
                                   : paint(style, "1;31", "could not be tested"));
  std::size_t hidden = 0;
  Shown shown;
  for (const Finding& f : one.findings) {
    if (f.kind->severity == Severity::info && !style.all)
      ++hidden;
    else
      out += finding_text(one, f, style, shown);
  }
  if (one.tested() && hidden == one.findings.size()) out += "  Nothing to mend.\n";
  if (shown.empty() && std::ranges::any_of(one.findings, wants_snippet))
    out += line("",
                fmt::format("For lines of configuration name the server: --for {}",
                            fmt::join(mendable_software(), ", ")),
                style);
  if (style.all && one.tested()) out += facts_text(one, style) + dns_text(one.seen, style);
  if (style.all || !one.tested() || !std::ranges::all_of(one.seen.not_tested, is_expected)) {
    if (!one.seen.not_tested.empty()) out += "  not tested\n";
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
