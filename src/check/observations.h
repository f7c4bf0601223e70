// check/observations.h - the facts that probes find out about one address; no opinions.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "check/dialer.h"
#include "check/http3_seen.h"
#include "check/http_seen.h"
#include "check/ssh_seen.h"
#include "crypto/certificate.h"
#include "proto/sstp/call.h"
#include "tls/handshake_message.h"

namespace sally::check {

/// Can one talk TLS there at all?
struct Reach {
  Answer first;  ///< to a hello as a browser sends it
  /// When that got no ServerHello: what the server does when one thing is changed.
  std::vector<std::pair<std::string, Answer>> ladder;
  bool tls_at_once = false;  ///< a ClientHello is answered where a dialogue was expected
};

/// One version of TLS and its suites.
struct VersionSeen {
  std::uint16_t version = 0;
  bool offered = false;
  bool known = false;                      ///< false: the server's behaviour gave no answer
  bool complete = false;                   ///< all suites were asked for
  std::string why;                         ///< what was not answered, and how
  std::vector<std::uint16_t> suites;       ///< in the order in which the server picked them
  std::vector<std::uint32_t> ssl2_kinds;   ///< SSL 2.0 only
  std::optional<bool> server_order;        ///< the server's preference counts; absent: not tested
  unsigned weakest_dh_bits = 0;            ///< 0: no DHE was seen
  std::vector<std::uint16_t> groups_used;  ///< by ServerKeyExchange
  bool compression = false;                ///< deflate was taken (CVE-2012-4929)
  bool renegotiation_info = false;         ///< RFC 5746
  bool extended_master_secret = false;     ///< RFC 7627
  bool encrypt_then_mac = false;           ///< RFC 7366
  bool heartbeat = false;                  ///< RFC 6520
  bool session_ticket = false;             ///< RFC 5077
  bool key_repeated = false;               ///< two handshakes had the same ephemeral public key
  std::uint16_t downgrade_mark = 0;        ///< RFC 8446 4.1.3
  std::vector<std::uint16_t> signatures;   ///< what ServerKeyExchange was signed with; TLS 1.2
  std::vector<std::string> dh_primes;      ///< the different ones, big-endian
  std::vector<std::string> leaves;         ///< DER of the different host certificates
};

struct GroupsSeen {
  std::vector<std::uint16_t> groups;  ///< in the order in which the server picked them
  bool complete = false;
};

/// A full handshake, as a client does it.
struct HandshakeSeen {
  std::uint16_t version = 0, suite = 0, group = 0;
  std::string alpn;
  std::vector<crypto::Certificate> certificates;  ///< as sent
  std::string unreadable;                         ///< why a certificate could not be read; empty: all could
  bool stapled = false;
  std::string staple;  ///< the OCSP answer as it came
  bool scts_in_handshake = false;
  bool asked_for_certificate = false;
  bool completed = false;  ///< false: broken off after the certificates were shown
  std::string broken_off;  ///< why
  bool gave_session = false;
  bool early_data = false;
  std::uint32_t ticket_lifetime = 0;            ///< seconds; 0: not said
  std::vector<tls::HandshakeMessage> messages;  ///< of the first connection, as they went by
  std::string first_alpn;                       ///< of that connection
  std::optional<bool> resumed;                  ///< a second connection took the session up
};

/// What a client gets that sends no server name.
struct NamelessSeen {
  std::string leaf;  ///< DER; empty: it was refused
  std::string why;   ///< how
};

/// With what a server signs its part of the handshake.
struct SignaturesSeen {
  std::uint16_t version = 0;
  std::vector<std::uint16_t> algorithms;  ///< in the order in which they were picked
  bool complete = false;
  std::optional<bool> weak;  ///< a client that knows only SHA-1 and worse is served; absent: not tested
};

/// Two pairs of TLS 1.2 handshakes, with tickets and without.
struct ResumptionSeen {
  bool ticket_given = false, id_given = false;
  std::optional<bool> by_ticket, by_id;  ///< the second handshake was a short one
  std::uint32_t ticket_lifetime = 0;     ///< seconds; 0: not said
};

/// What a server did with messages that only an attacker sends. Absent: not applicable or not tested.
struct AttacksSeen {
  std::optional<bool> renegotiation;  ///< a handshake that the client began inside the session went on
  std::string renegotiation_answer;
  std::optional<bool> early_ccs;            ///< ChangeCipherSpec was taken before there were keys
  std::optional<bool> heartbeat_unchecked;  ///< a request that is too short for its length was answered
  std::optional<bool> bleichenbacher;       ///< wrong premaster secrets are told apart
  std::string bleichenbacher_answers;
  std::optional<bool> padding_unchecked;  ///< a CBC record with wrong padding was read
  std::optional<bool> padding_oracle;     ///< a wrong MAC and a wrong padding are told apart
  std::string padding_answers;
};

/// What happens in plain text before TLS, where TLS comes in by a dialogue.
struct StartTlsSeen {
  bool offered = false;
  std::string why;  ///< what the server said instead
  proto::PlainLogin plain_login = proto::PlainLogin::unknown;
  std::string login_evidence;
  std::string left;                ///< plain text that the server sent behind its consent
  std::optional<bool> injectable;  ///< a command from before TLS was answered inside it
  std::string injected_answer;     ///< that answer
};

/// What the certificate's authority says about it, by its signature.
struct RevocationSeen {
  std::string source;  ///< "OCSP", "CRL"
  std::string url;
  bool revoked = false;
  std::optional<WallTime> revoked_at = {};
  std::string reason = {};  ///< "keyCompromise"; empty: none was given
  WallTime this_update = {};
  std::optional<WallTime> next_update = {};
};

struct DnsFacts;   // check/dns_facts.h
struct IkeSeen;    // check/ike_seen.h
struct MailFacts;  // check/mail_facts.h

/// Data connections of FTP beside a control connection with TLS.
struct FtpDataSeen {
  std::optional<bool> in_clear;                   ///< a listing went without TLS; absent: not known
  std::optional<bool> offers_protection;          ///< PROT P was agreed to; absent: not tested
  std::optional<bool> wants_resumption;           ///< a new TLS session is refused there; absent: not tested
  std::string answer_in_clear, answer_protected;  ///< what the server said in the end
};

/// What an SSTP server said inside TLS.
struct SstpSeen {
  bool agreed = false;                   ///< to the duplex POST
  std::string answer;                    ///< the first line
  std::optional<sstp::CallAnswer> call;  ///< absent: none came
};

struct NotTested {
  std::string id, reason;
};

struct Observations {
  Reach reach;
  std::optional<StartTlsSeen> starttls;
  std::optional<SshSeen> ssh;  ///< absent: no banner came, or another protocol was asked for
  std::optional<FtpDataSeen> ftp_data;
  std::vector<VersionSeen> versions;  ///< SSL 2.0 first
  std::optional<GroupsSeen> groups;
  std::optional<HandshakeSeen> handshake;
  std::optional<bool> fallback_scsv;   ///< honoured; absent: not applicable or not tested
  std::optional<bool> strict_alpn;     ///< an unknown protocol is refused
  std::optional<bool> strict_sni;      ///< an unknown name is refused
  std::optional<bool> large_hello;     ///< a hello over one packet is answered
  bool large_hello_lost = false;       ///< by silence, not by an answer
  std::optional<bool> split_hello;     ///< a hello in two pieces is answered
  std::optional<bool> unknown_values;  ///< GREASE is ignored (RFC 8701)
  std::vector<SignaturesSeen> signatures;
  std::optional<ResumptionSeen> resumption;
  std::optional<NamelessSeen> nameless;
  AttacksSeen attacks;
  std::vector<RevocationSeen> revocation;  ///< of the server's own certificate
  std::optional<HttpAnswer> http;          ///< to GET /
  std::optional<PlainHttpSeen> plain_http;
  std::optional<PageSeen> page;           ///< what GET / leads to
  std::optional<Http3Seen> http3;         ///< on UDP beside the port, or where Alt-Svc says
  std::shared_ptr<const DnsFacts> dns;    ///< of the target's name; null: not asked
  std::shared_ptr<const MailFacts> mail;  ///< of the domain whose mail the target takes; null: not known
  std::optional<SstpSeen> sstp;
  std::shared_ptr<const IkeSeen> ike;  ///< null: nobody answered, or another protocol was asked for
  std::vector<NotTested> not_tested;
  unsigned connections = 0;
  WallTime now;

  const VersionSeen* version(std::uint16_t version) const;
  bool offers(std::uint16_t v) const { return version(v) && version(v)->offered; }
  /// The best and the worst version that is offered; 0: none.
  std::uint16_t best_version() const;
  std::uint16_t worst_version() const;
  /// A secure protocol was spoken, so there is something to judge.
  bool spoke() const { return best_version() != 0 || ssh.has_value() || ike != nullptr; }
};

}  // namespace sally::check
