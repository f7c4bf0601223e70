#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/rules/all.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

using enum Severity;
// clang-format off
constexpr FindingKind kSsl2{"proto.sslv2", critical, Grade::f, "SSL 2.0 is offered: it can be broken, and breaks newer versions with it (DROWN).",
    "Turn SSL 2.0 off.", "RFC 6176"};
constexpr FindingKind kSsl3{"proto.sslv3", high, Grade::c, "SSL 3.0 is offered: what it carries can be read (POODLE).", "Turn SSL 3.0 off.", "RFC 7568"};
constexpr FindingKind kPoodle{"poodle.ssl", high, Grade::c, "CBC suites can be used with SSL 3.0: POODLE.", "Turn SSL 3.0 off.", "CVE-2014-3566"};
constexpr FindingKind kTls10{"proto.tls10", medium, Grade::b, "TLS 1.0 is offered, which is deprecated.",
    "Offer TLS 1.2 and 1.3 only.", "RFC 8996"};
constexpr FindingKind kTls11{"proto.tls11", medium, Grade::b, "TLS 1.1 is offered, which is deprecated.",
    "Offer TLS 1.2 and 1.3 only.", "RFC 8996"};
constexpr FindingKind kNo12{"proto.tls12", high, Grade::c, "Neither TLS 1.2 nor TLS 1.3 is offered.", "Turn on TLS 1.2 and 1.3.", "RFC 9325 3.1.1"};
constexpr FindingKind kNo13{"proto.tls13", low, Grade::a, "TLS 1.3 is not offered.", "Turn on TLS 1.3; it needs OpenSSL 1.1.1 or newer.", "RFC 9325 3.1.1"};
constexpr FindingKind kNoMark{"proto.downgrade_marker", medium, Grade::b, "A TLS 1.2 answer lacks the mark that TLS 1.3 was possible: somebody in between could force the older version.",
    "Update the server, or the device that ends TLS in front of it.", "RFC 8446 4.1.3"};
constexpr FindingKind kNoEms{"proto.ems", low, Grade::a, "Extended master secret is not supported with TLS 1.2.", "Update the TLS library of the server.", "RFC 7627"};
constexpr FindingKind kRenegotiation{"renego.secure", high, Grade::c, "Secure renegotiation is not supported: strangers' bytes can be put before a client's.",
    "Update the TLS library of the server.", "RFC 5746, CVE-2009-3555"};
constexpr FindingKind kCrime{"crime", high, Grade::c, "TLS compression is on: secrets can be guessed from lengths (CRIME).", "Turn TLS compression off.", "CVE-2012-4929"};
constexpr FindingKind kFallbackOld{"fallback_scsv", medium, Grade::b, "The server does not notice when a client was forced to an older version.",
    "Offer TLS 1.2 and 1.3 only, or update the TLS library.", "RFC 7507"};
constexpr FindingKind kFallback{"fallback_scsv", info, Grade::a_plus, "TLS_FALLBACK_SCSV is not honoured; with TLS 1.2 and 1.3 alone the mark of TLS 1.3 does its work.",
    "Nothing need be changed.", "RFC 7507"};
constexpr FindingKind kLongHello{"proto.long_clienthello", high, Grade::c, "A ClientHello that is large or comes in two pieces is not answered: clients with post-quantum keys fail.",
    "Update the server, or the device in front of it that reads only once; if a whole hello is answered and a large one is not, look for packets that are lost by their size (MTU, blocked ICMP). Chrome says ERR_CONNECTION_RESET.", "RFC 8446 5.1"};
constexpr FindingKind kMtu{"reach.mtu", high, Grade::c, "A ClientHello that fills more than one packet gets no answer, and a small one in two pieces does: large packets are lost on the way (MTU), so clients with post-quantum keys fail.",
    "Let ICMP \"fragmentation needed\" and \"packet too big\" through on the way, or lower the MTU or MSS on the link with the tunnel. Chrome says ERR_TIMED_OUT or ERR_CONNECTION_RESET.", "RFC 4821 1"};
constexpr FindingKind kUnknownValues{"proto.version_intolerance", medium, Grade::b, "Values that a server must ignore make it fail: future clients will not connect.",
    "Update the server or the device in front of it.", "RFC 8701"};
constexpr FindingKind kAlpaca{"alpaca", low, Grade::a, "A client that asks for an unknown protocol is served all the same: connections can be led to another service that shares the certificate.",
    "Refuse unknown ALPN names (alert no_application_protocol).", "RFC 7301 3.2, ALPACA"};
constexpr FindingKind kLaxName{"proto.strict_sni", info, Grade::a_plus, "A client that asks for an unknown name is served by a default site.",
    "Refuse it.", "RFC 6066 3"};
constexpr FindingKind kEarlyData{"proto.0rtt", info, Grade::a_plus, "Early data (0-RTT) is accepted: requests in it can be repeated by anybody who recorded them.",
    "Make sure that only harmless requests are answered from early data (425 Too Early), or turn it off.", "RFC 8446 8, RFC 8470"};
constexpr FindingKind kClientCertificate{"proto.client_auth", info, Grade::a_plus, "The server asks for a client certificate.",
    "Nothing need be changed if that is meant; to see what is behind it, use a client with a certificate. Without one Chrome says ERR_BAD_SSL_CLIENT_AUTH_CERT.", "RFC 8446 4.3.2"};
constexpr FindingKind kNobodyWithout{"reach.client_certificate", info, Grade::a_plus, "Nobody gets in without a client certificate: mutual TLS.",
    "Nothing need be changed if that is meant; check with --client-certificate to see what is behind it. A client without one is told ERR_BAD_SSL_CLIENT_AUTH_CERT by Chrome, SSL_ERROR_HANDSHAKE_FAILURE_ALERT by Firefox.", "RFC 8446 4.3.2"};
constexpr FindingKind kMalformed{"proto.malformed", medium, Grade::b, "The server's handshake breaks the grammar of TLS.", "Report the evidence to whoever makes the server.", "RFC 8446 4"};
// clang-format on

bool speaks_browser(const Observations& seen) { return seen.offers(tls::kTls12) || seen.offers(tls::kTls13); }

void judge_versions(const Case& c, Findings& out) {
  const Observations& seen = c.seen;
  if (const VersionSeen* v = seen.version(2); v && v->offered)
    out.add(kSsl2, fmt::format("{} cipher kinds were offered.", v->ssl2_kinds.size()));
  if (const VersionSeen* v = seen.version(tls::kSsl3); v && v->offered) {
    out.add(kSsl3, fmt::format("{} suites were accepted.", v->suites.size()));
    for (const std::uint16_t code : v->suites)
      if (const tls::SuiteFacts f = tls::suite_facts(code); f.cbc) {
        out.add(kPoodle, fmt::format("SSL 3.0 with {} was accepted.", f.name));
        break;
      }
  }
  const auto deprecated = [&](std::uint16_t version, const FindingKind& kind) {
    if (seen.offers(version))
      out.add(kind, fmt::format("{} suites were accepted.", seen.version(version)->suites.size()));
  };
  deprecated(tls::kTls10, kTls10);
  deprecated(tls::kTls11, kTls11);
  const VersionSeen *const v12 = seen.version(tls::kTls12), *const v13 = seen.version(tls::kTls13);
  if (v12 && v13 && v12->known && v13->known && !speaks_browser(seen))
    out.add(kNo12, fmt::format("The best that was found is {}.", tls::version_name(seen.best_version())));
  else if (v13 && v13->known && !v13->offered)
    out.add(kNo13, "A hello that offers TLS 1.3 alone was refused.");
  if (seen.offers(tls::kTls13) && seen.offers(tls::kTls12) && v12->downgrade_mark != tls::kTls13)
    out.add(kNoMark,
            "The last bytes of the random of a TLS 1.2 ServerHello are not DOWNGRD 01, though TLS 1.3 is "
            "offered.");
}

void judge_extensions(const Case& c, Findings& out) {
  std::vector<std::string> no_renegotiation, compression;
  for (const VersionSeen& v : c.seen.versions) {
    if (!v.offered || v.version < tls::kTls10 || v.version > tls::kTls12) continue;
    if (!v.renegotiation_info) no_renegotiation.push_back(tls::version_name(v.version));
    if (v.compression) compression.push_back(tls::version_name(v.version));
  }
  if (!no_renegotiation.empty())
    out.add(kRenegotiation, fmt::format("No renegotiation_info in {}.", fmt::join(no_renegotiation, ", ")));
  if (!compression.empty())
    out.add(kCrime, fmt::format("Deflate was accepted with {}.", fmt::join(compression, ", ")));
  if (const VersionSeen* v = c.seen.version(tls::kTls12); v && v->offered && !v->extended_master_secret)
    out.add(kNoEms, "The TLS 1.2 ServerHello lacks extended_master_secret.");
  if (c.seen.fallback_scsv == false) {
    const bool old = c.seen.worst_version() < tls::kTls12;
    out.add(old ? kFallbackOld : kFallback,
            "A hello with TLS_FALLBACK_SCSV and a version below the best was answered.");
  }
}

/// Some servers refuse in the handshake, others by an answer inside it (nginx: 400, Apache: 403).
void judge_client_certificate(const Case& c, Findings& out) {
  if (!c.seen.handshake->asked_for_certificate) return;
  const std::string& why = c.seen.handshake->broken_off;
  if (!why.empty()) return out.add(kNobodyWithout, "Without one it does not go on: " + why + ".");
  const unsigned status = c.seen.http ? c.seen.http->status : 0;
  if (status == 400 || status == 403 || status == 495 || status == 496)
    return out.add(kNobodyWithout, fmt::format("It asks for one, and answers GET / by {}.", status));
  out.add(kClientCertificate, "It goes on without one.");
}

void judge_behaviour(const Case& c, Findings& out) {
  if (c.seen.large_hello == false && c.seen.large_hello_lost && c.seen.split_hello == true)
    out.add(kMtu,
            "A hello of 1900 bytes was met by silence; one of ordinary size in two pieces was answered.");
  else if (c.seen.large_hello == false || c.seen.split_hello == false)
    out.add(kLongHello, fmt::format("A hello of 1900 bytes is {}, one in two pieces is {}.",
                                    c.seen.large_hello.value_or(true) ? "answered" : "not answered",
                                    c.seen.split_hello.value_or(true) ? "answered" : "not answered"));
  if (c.seen.unknown_values == false)
    out.add(kUnknownValues, "The same hello with reserved values in its lists was not answered.");
  const auto& handshake = c.seen.handshake;
  if (handshake && !handshake->alpn.empty() && c.seen.strict_alpn == false)
    out.add(kAlpaca, "A handshake with the protocol \"sallyport-check\" was completed.");
  if (c.seen.strict_sni == false) out.add(kLaxName, "A hello for sallyport-check.invalid was answered.");
  if (!handshake) return;
  if (handshake->early_data) out.add(kEarlyData, "The session ticket allows early data.");
  judge_client_certificate(c, out);
}

}  // namespace

void judge_protocol(const Case& c, Findings& out) {
  if (c.seen.reach.first.end == Answer::End::malformed) out.add(kMalformed, c.seen.reach.first.why);
  if (c.seen.best_version() == 0) return;
  judge_versions(c, out);
  judge_extensions(c, out);
  judge_behaviour(c, out);
}

}  // namespace sally::check
