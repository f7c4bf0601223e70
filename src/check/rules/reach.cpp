#include <fmt/format.h>

#include "check/rules/all.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kClosed{"reach.closed", critical, Grade::none, "Nothing listens on this port.",
    "Start the server, correct the port, or open it in a firewall that rejects. Chrome says ERR_CONNECTION_REFUSED, Firefox \"unable to connect\".", ""};
constexpr FindingKind kUnreachable{"reach.unreachable", critical, Grade::none, "There is no way to this address.",
    "Check the address, this machine's route, and a firewall that rejects. Chrome says ERR_ADDRESS_UNREACHABLE.", ""};
constexpr FindingKind kDropped{"reach.dropped", critical, Grade::none, "Nobody answers the attempt to connect: packets are dropped, or the host is down.",
    "Look for a firewall that drops; compare with another port and another network. Chrome says ERR_CONNECTION_TIMED_OUT, Firefox \"the connection has timed out\".", ""};
constexpr FindingKind kPlainHttp{"reach.plain_http", critical, Grade::none, "Plain HTTP is spoken on this port, not TLS.",
    "Turn TLS on for the port, or use http://. Chrome says ERR_SSL_PROTOCOL_ERROR, Firefox SSL_ERROR_RX_RECORD_TOO_LONG.", ""};
constexpr FindingKind kStartTls{"reach.starttls_needed", critical, Grade::none, "The server greets in plain text: this port wants STARTTLS, or is not for TLS.",
    "Use the port with TLS from the start (465, 993, 995), or a client that does STARTTLS.", "RFC 8314 3"};
constexpr FindingKind kOther{"reach.other_protocol", critical, Grade::none, "Another protocol than TLS is spoken on this port.",
    "Correct the port, or the server that listens there.", ""};
constexpr FindingKind kName{"reach.name_refused", critical, Grade::none, "The server does not serve this name.",
    "Add the name to the server's configuration with its certificate, or correct the DNS record. Chrome says ERR_SSL_UNRECOGNIZED_NAME_ALERT, Firefox SSL_ERROR_UNRECOGNIZED_NAME_ALERT.", "RFC 6066 3"};
constexpr FindingKind kNameFilter{"reach.name_filtered", critical, Grade::none, "Connections break off as soon as this name is sent; with another name they go on.",
    "Look for a filter by name between here and the server; if there is none, at the server's configuration for this name. Chrome says ERR_CONNECTION_RESET or ERR_CONNECTION_CLOSED, Firefox PR_CONNECT_RESET_ERROR or PR_END_OF_FILE_ERROR.", ""};
constexpr FindingKind kAlpn{"reach.alpn", critical, Grade::none, "The handshake works only without ALPN, so browsers cannot connect.",
    "Let the server list h2 and http/1.1. Chrome says ERR_ALPN_NEGOTIATION_FAILED, Firefox SSL_ERROR_NEXT_PROTOCOL_NO_PROTOCOL.", "RFC 7301 3.2"};
constexpr FindingKind kIntolerant{"proto.version_intolerance", critical, Grade::none, "The server fails when TLS 1.3 is offered and works without: browsers cannot connect.",
    "Update the server or the device in front of it. Chrome says ERR_SSL_PROTOCOL_ERROR or ERR_CONNECTION_RESET, Firefox SSL_ERROR_PROTOCOL_VERSION_ALERT or PR_CONNECT_RESET_ERROR.", "RFC 8446 4.1.2"};
constexpr FindingKind kTooOld{"reach.too_old", critical, Grade::f, "Browsers cannot connect: the server has only versions or suites that they gave up.",
    "Turn on TLS 1.2 and 1.3 with ECDHE and AES-GCM. Chrome says ERR_SSL_VERSION_OR_CIPHER_MISMATCH, Firefox SSL_ERROR_UNSUPPORTED_VERSION or SSL_ERROR_NO_CYPHER_OVERLAP.", "RFC 8996"};
constexpr FindingKind kNoTls{"reach.no_handshake", critical, Grade::none, "TLS is spoken on the port, and every handshake is refused.",
    "Look into the server's log: a missing certificate or key is the usual cause, then suites that do not fit the certificate's key. Chrome says ERR_SSL_VERSION_OR_CIPHER_MISMATCH, Firefox SSL_ERROR_HANDSHAKE_FAILURE_ALERT.", "RFC 8446 6.2"};
constexpr FindingKind kHangsUp{"reach.hangs_up", critical, Grade::none, "The port is open, and whoever answers hangs up on every ClientHello, whatever stands in it.",
    "Look into the log of the program that listens there: it speaks no TLS, has no certificate, or takes no connections from here. Chrome says ERR_CONNECTION_CLOSED, Firefox PR_END_OF_FILE_ERROR.", ""};
constexpr FindingKind kReset{"reach.reset", critical, Grade::none, "The port is open, and every ClientHello is answered by a reset, whatever stands in it.",
    "Compare with a connection from another network: if that works, a filter by address stands in between; else the program that listens there crashes or speaks no TLS. Chrome says ERR_CONNECTION_RESET, Firefox PR_CONNECT_RESET_ERROR.", ""};
constexpr FindingKind kSilent{"reach.no_answer", critical, Grade::none, "The port is open, and no ClientHello gets an answer.",
    "Look whether the program that listens there hangs or waits for another protocol; compare with a connection from another network, because a filter may swallow the hello.", ""};
constexpr FindingKind kAtOnce{"reach.tls_at_once", critical, Grade::none, "TLS is spoken on this port from the start, where a dialogue in plain text was expected.",
    "Name the protocol with TLS from the start (smtps://, imaps://, pop3s://, ldaps://, ftps://), or the port of the one with STARTTLS.", "RFC 8314 3"};
constexpr FindingKind kPortal{"reach.captive_portal", critical, Grade::none, "A network in between wants a login first: what was seen is its portal, not the server.",
    "Log in to the network with a browser, then check again.", "RFC 6585 6"};
// clang-format on

/// RFC 6585 6: 511 comes from the network, never from the server.
bool is_portal(const std::optional<HttpAnswer>& answer) { return answer && answer->status == 511; }

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

/// A hello that offers TLS 1.2 at best is answered by servers that know only what came before, too.
bool is_old(const Answer& answer) { return answer.has_hello() && answer.flight.hello->version < tls::kTls12; }

const FindingKind& kind_of_rung(const std::string& what, const Answer& answer, const Answer& first) {
  if (is_old(answer)) return kTooOld;
  if (what.contains("server name")) return first.has_alert(112) ? kName : kNameFilter;
  if (what.contains("ALPN")) return kAlpn;
  if (what == "with TLS 1.2 only") return kIntolerant;
  return kTooOld;
}

/// Nothing that was changed made it work.
const FindingKind& kind_of_end(const Answer& first) {
  switch (first.end) {
    case Answer::End::closed:
      return kHangsUp;
    case Answer::End::reset:
      return kReset;
    case Answer::End::silent:
      return kSilent;
    default:
      return kNoTls;
  }
}

void judge_ladder(const Case& c, Findings& out) {
  const Reach& reach = c.seen.reach;
  std::string evidence = "To a browser's hello the server " + reach.first.text();
  for (const auto& [what, answer] : reach.ladder)
    evidence += is_old(answer)       ? fmt::format("; {} it works by {}", what,
                                                   tls::version_name(answer.flight.hello->version))
                : answer.has_hello() ? fmt::format("; {} it works", what)
                                     : fmt::format("; {} it {}", what, answer.text());
  if (!reach.ladder.empty() && reach.ladder.back().second.has_hello())
    return out.add(kind_of_rung(reach.ladder.back().first, reach.ladder.back().second, reach.first),
                   evidence + ".");
  if (c.seen.best_version() != 0)
    return out.add(kTooOld, fmt::format("{}. The best that was found is {}.", evidence,
                                        tls::version_name(c.seen.best_version())));
  // RFC 6066 3: this alert is about the name, even where no name that was tried is known.
  constexpr std::uint8_t kUnrecognizedName = 112;
  out.add(reach.first.has_alert(kUnrecognizedName) ? kName : kind_of_end(reach.first), evidence + ".");
}

}  // namespace

void judge_reach(const Case& c, Findings& out) {
  const Answer& first = c.seen.reach.first;
  if (is_portal(c.seen.http) || (c.seen.plain_http && is_portal(c.seen.plain_http->answer)))
    out.add(kPortal, "GET / was answered by 511 Network Authentication Required.");
  if (c.seen.reach.tls_at_once)
    out.add(kAtOnce, fmt::format("A ClientHello was answered; before that: {}.", first.why));
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
