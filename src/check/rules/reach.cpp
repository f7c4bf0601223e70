#include <fmt/format.h>

#include "check/rules/all.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kClosed{"reach.closed", critical, Grade::none, "Nothing listens on this port.",
    "Start the server, correct the port, or open it in a firewall that rejects. Browsers say ERR_CONNECTION_REFUSED.", ""};
constexpr FindingKind kUnreachable{"reach.unreachable", critical, Grade::none, "There is no way to this address.",
    "Check the address, this machine's route, and a firewall that rejects. Browsers say ERR_ADDRESS_UNREACHABLE.", ""};
constexpr FindingKind kDropped{"reach.dropped", critical, Grade::none, "Nobody answers the attempt to connect: packets are dropped, or the host is down.",
    "Look for a firewall that drops; compare with another port and another network. Browsers say ERR_CONNECTION_TIMED_OUT.", ""};
constexpr FindingKind kPlainHttp{"reach.plain_http", critical, Grade::none, "Plain HTTP is spoken on this port, not TLS.",
    "Turn TLS on for the port (nginx: listen 443 ssl; Apache: SSLEngine on), or use http://. Browsers say ERR_SSL_PROTOCOL_ERROR.", ""};
constexpr FindingKind kStartTls{"reach.starttls_needed", critical, Grade::none, "The server greets in plain text: this port wants STARTTLS, or is not for TLS.",
    "Use the port with TLS from the start (465, 993, 995), or a client that does STARTTLS.", "RFC 8314 3"};
constexpr FindingKind kOther{"reach.other_protocol", critical, Grade::none, "Another protocol than TLS is spoken on this port.",
    "Correct the port, or the server that listens there.", ""};
constexpr FindingKind kName{"reach.name_refused", critical, Grade::none, "The server does not serve this name.",
    "Add the name to the server's configuration with its certificate, or correct the DNS record. Browsers say ERR_SSL_UNRECOGNIZED_NAME_ALERT.", "RFC 6066 3"};
constexpr FindingKind kNameFilter{"reach.name_filtered", critical, Grade::none, "Connections break off as soon as this name is sent; with another name they go on.",
    "Look for a filter by name between here and the server; if there is none, at the server's configuration for this name.", ""};
constexpr FindingKind kAlpn{"reach.alpn", critical, Grade::none, "The handshake works only without ALPN, so browsers cannot connect.",
    "Let the server list h2 and http/1.1.", "RFC 7301 3.2"};
constexpr FindingKind kIntolerant{"proto.version_intolerance", critical, Grade::none, "The server fails when TLS 1.3 is offered and works without: browsers cannot connect.",
    "Update the server or the device in front of it.", "RFC 8446 4.1.2"};
constexpr FindingKind kTooOld{"reach.too_old", critical, Grade::f, "Browsers cannot connect: the server has only versions or suites that they gave up.",
    "Turn on TLS 1.2 and 1.3 with ECDHE and AES-GCM. Browsers say ERR_SSL_VERSION_OR_CIPHER_MISMATCH.", "RFC 8996"};
constexpr FindingKind kNoTls{"reach.no_handshake", critical, Grade::none, "The port is open, but no TLS handshake gets through.",
    "Look into the server's log: a missing certificate or key is the usual cause; else a filter by address in front of it.", ""};
// clang-format on

const FindingKind& kind_of_stranger(const tls::ServerFlight& f) {
  switch (f.stranger) {
    case tls::Stranger::http:
      return kPlainHttp;
    case tls::Stranger::smtp_or_ftp:
    case tls::Stranger::imap:
    case tls::Stranger::pop3:
    case tls::Stranger::mysql:
      return kStartTls;
    default:
      return kOther;
  }
}

const FindingKind& kind_of_rung(const std::string& what, const Answer& first) {
  if (what.contains("server name")) return first.has_alert(112) ? kName : kNameFilter;
  if (what.contains("ALPN")) return kAlpn;
  if (what == "with TLS 1.2 only") return kIntolerant;
  return kTooOld;
}

void judge_ladder(const Case& c, Findings& out) {
  const Reach& reach = c.seen.reach;
  std::string evidence = "To a browser's hello the server " + reach.first.text();
  for (const auto& [what, answer] : reach.ladder)
    evidence += answer.has_hello() ? fmt::format("; {} it works", what)
                                   : fmt::format("; {} it {}", what, answer.text());
  if (!reach.ladder.empty() && reach.ladder.back().second.has_hello())
    return out.add(kind_of_rung(reach.ladder.back().first, reach.first), evidence + ".");
  if (c.seen.best_version() != 0)
    return out.add(kTooOld, fmt::format("{}. The best that was found is {}.", evidence,
                                        tls::version_name(c.seen.best_version())));
  out.add(kNoTls, evidence + ".");
}

}  // namespace

void judge_reach(const Case& c, Findings& out) {
  const Answer& first = c.seen.reach.first;
  switch (first.end) {
    case Answer::End::flight:
      if (first.flight.hello) return;
      return judge_ladder(c, out);
    case Answer::End::closed:
    case Answer::End::reset:
    case Answer::End::silent:
    case Answer::End::malformed:
      return judge_ladder(c, out);
    case Answer::End::stranger:
      return out.add(kind_of_stranger(first.flight), "The server " + first.text() + ".");
    case Answer::End::refused:
      return out.add(kClosed, first.why);
    case Answer::End::unreachable:
      return out.add(kUnreachable, first.why);
    case Answer::End::dropped:
      return out.add(kDropped, first.why);
    case Answer::End::no_starttls:
      return;  // judge_starttls() tells
    case Answer::End::not_connected:
      return;  // our own trouble: it stands among what was not tested
  }
}

}  // namespace sally::check
