// check/probes/all.h - the probes, one function each; each is in the file of its name.
#pragma once
#include "check/probe.h"

namespace sally::check {

/// Connects and sends a browser's hello; if that fails, which single change makes it work.
Task<Unit> probe_reach(Examination& x);
/// The dialogue before TLS: does it come to TLS, and are passwords taken without?
Task<Unit> probe_starttls(Examination& x);
/// Is a command that was sent before TLS answered inside it?
Task<Unit> probe_starttls_injection(Examination& x);
/// May data connections go without protection (FTP)?
Task<Unit> probe_ftp_protection(Examination& x);
/// Which versions, and for each which suites, by offering all and leaving out what was picked.
Task<Unit> probe_versions(Examination& x);
/// The same with one connection for each version: only the first pick.
Task<Unit> probe_quick_versions(Examination& x);
/// The first hello again, when many were not answered: does the server still answer us at all?
Task<Unit> probe_throttling(Examination& x);
/// Key exchange groups of TLS 1.3 by HelloRetryRequest; of 1.2 by ServerKeyExchange when there is no 1.3.
Task<Unit> probe_groups(Examination& x);
/// Whose order of suites counts.
Task<Unit> probe_preference(Examination& x);
/// Does the server refuse a version below what both can (RFC 7507)?
Task<Unit> probe_fallback(Examination& x);
/// Two full handshakes: certificates, ALPN, stapling, tickets, resumption; and GET / in the first where HTTP
/// is.
Task<Unit> probe_handshake(Examination& x);
/// Are unknown names and unknown protocols refused (the ALPACA attack needs neither)?
Task<Unit> probe_strictness(Examination& x);
/// Large hellos, hellos in two pieces, values that nobody knows.
Task<Unit> probe_tolerance(Examination& x);
/// The certificate for a client that sends no name.
Task<Unit> probe_nameless(Examination& x);
/// What the server signs its part of the handshake with (TLS 1.2 and 1.3).
Task<Unit> probe_signatures(Examination& x);
/// Are TLS 1.2 sessions taken up again, by ticket and by id?
Task<Unit> probe_resumption(Examination& x);
/// One handshake that the client begins inside a session (CVE-2011-1473).
Task<Unit> probe_renegotiation(Examination& x);
/// ChangeCipherSpec before there are keys (CVE-2014-0224).
Task<Unit> probe_early_ccs(Examination& x);
/// A heartbeat without its padding; whoever answers does not check lengths (CVE-2014-0160). Nothing foreign
/// can be in the answer.
Task<Unit> probe_heartbeat(Examination& x);
/// Five wrong premaster secrets: are they told apart (ROBOT)?
Task<Unit> probe_bleichenbacher(Examination& x);
/// CBC records with wrong padding or MAC: are they told apart (POODLE for TLS, GOLDENDOODLE)?
Task<Unit> probe_padding(Examination& x);
/// GET / and where it leads inside the target, with the page that stands there.
Task<Unit> probe_page(Examination& x);
/// HTTP/3 on UDP: does it answer, and how well is it protected?
Task<Unit> probe_http3(Examination& x);
/// Whether the server's certificate is revoked, by the OCSP responder and the CRL that it names.
Task<Unit> probe_revocation(Examination& x);
/// Port 80 of the same host: where does it lead, and does it offer TLS inside a plain connection?
Task<Unit> probe_plain_http(Examination& x);
/// SSTP: the duplex POST and asking for a call.
Task<Unit> probe_sstp(Examination& x);
/// IPsec: what IKE takes, in both versions, and whether the other port answers.
Task<Unit> probe_ike(Examination& x);
/// SSH: its lists, host keys and ways to log in, on three connections.
Task<Unit> probe_ssh(Examination& x);

/// One version's suites; probe_versions() runs it for each of them.
Task<Unit> walk_suites(Examination& x, std::uint16_t version, VersionSeen& out);

}  // namespace sally::check
