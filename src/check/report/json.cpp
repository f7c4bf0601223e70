#include "check/report/json.h"

#include "base/json.h"
#include "check/dns_facts.h"
#include "check/http3_ask.h"
#include "check/mail_facts.h"
#include "check/mend.h"
#include "check/report/drawing.h"
#include "check/report/ike_words.h"
#include "check/report/ssh_words.h"
#include "check/report/words.h"
#include "tls/hello_builder.h"
#include "tls/signature_names.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

void write_versions(JsonText& json, const Observations& seen) {
  json.begin_array("versions");
  for (const VersionSeen& v : seen.versions) {
    json.begin_element().string("version", tls::version_name(v.version));
    json.string("offered", !v.known ? "unknown" : v.offered ? "yes" : "no");
    if (v.offered) {
      json.strings("suites", suite_names(v)).boolean("complete", v.complete);
      if (v.server_order) json.boolean("server_order", *v.server_order);
      if (v.heartbeat) json.boolean("heartbeat", true);
      if (v.key_repeated) json.boolean("key_repeated", true);
      if (v.weakest_dh_bits != 0) json.number("weakest_dh_bits", v.weakest_dh_bits);
    }
    json.end();
  }
  json.end();
}

void write_certificates(JsonText& json, const HandshakeSeen& h) {
  json.begin_array("certificates");
  for (const crypto::Certificate& one : h.certificates) {
    json.begin_element()
        .string("subject", one.subject())
        .string("issuer", one.issuer())
        .strings("names", all_names(one))
        .string("key", one.key().text)
        .string("signature", one.signature_algorithm())
        .string("not_before", instant(one.not_before()))
        .string("not_after", instant(one.not_after()))
        .string("sha256", crypto::hex(one.fingerprint()));
    json.end();
  }
  json.end();
}

void write_messages(JsonText& json, const HandshakeSeen& h, const std::string& server_name) {
  json.begin_array("messages");
  for (const Arrow& a : arrows_of(h, server_name)) {
    json.begin_element().string("from", a.from_client ? "client" : "server").string("name", a.name);
    json.string("says", a.note).boolean("encrypted", a.encrypted).decimal("milliseconds", a.at_ms).end();
  }
  json.end();
}

void write_handshake(JsonText& json, const HandshakeSeen& h, const std::string& server_name) {
  json.begin_object("handshake").boolean("completed", h.completed);
  if (h.completed) {
    json.string("version", tls::version_name(h.version)).string("suite", tls::suite_facts(h.suite).name);
    if (h.group != 0) json.string("group", group_name(h.group));
    json.string("alpn", h.alpn).boolean("ocsp_stapled", h.stapled).boolean("session_given", h.gave_session);
    if (h.resumed) json.boolean("resumed", *h.resumed);
    if (h.ticket_lifetime != 0) json.number("ticket_seconds", h.ticket_lifetime);
    json.boolean("early_data", h.early_data).boolean("client_certificate_asked", h.asked_for_certificate);
  } else {
    json.string("broken_off", h.broken_off);
  }
  write_messages(json, h, server_name);
  json.end();
  write_certificates(json, h);
}

void write_flags(JsonText& json, const Observations& seen) {
  const std::pair<const char*, const std::optional<bool>&> flags[] = {
      {"fallback_scsv", seen.fallback_scsv}, {"strict_alpn", seen.strict_alpn},
      {"strict_sni", seen.strict_sni},       {"large_hello", seen.large_hello},
      {"split_hello", seen.split_hello},     {"unknown_values", seen.unknown_values}};
  for (const auto& [key, value] : flags)
    if (value) json.boolean(key, *value);
}

void write_signatures(JsonText& json, const Observations& seen) {
  json.begin_array("signatures");
  for (const SignaturesSeen& s : seen.signatures) {
    std::vector<std::string> names;
    for (const std::uint16_t code : s.algorithms) names.push_back(tls::signature_name(code));
    json.begin_element().string("version", tls::version_name(s.version)).strings("algorithms", names);
    json.boolean("complete", s.complete);
    if (s.weak) json.boolean("weak", *s.weak);
    json.end();
  }
  json.end();
}

void write_resumption(JsonText& json, const Observations& seen) {
  if (!seen.resumption) return;
  const ResumptionSeen& r = *seen.resumption;
  json.begin_object("resumption_tls12")
      .boolean("ticket_given", r.ticket_given)
      .boolean("id_given", r.id_given);
  if (r.by_ticket) json.boolean("by_ticket", *r.by_ticket);
  if (r.by_id) json.boolean("by_id", *r.by_id);
  if (r.ticket_lifetime != 0) json.number("ticket_seconds", r.ticket_lifetime);
  json.end();
}

void write_revocation(JsonText& json, const Observations& seen) {
  if (seen.revocation.empty()) return;
  json.begin_array("revocation");
  for (const RevocationSeen& r : seen.revocation) {
    json.begin_element().string("source", r.source).string("url", r.url).boolean("revoked", r.revoked);
    if (r.revoked_at) json.string("revoked_at", instant(*r.revoked_at));
    if (!r.reason.empty()) json.string("reason", r.reason);
    json.string("this_update", instant(r.this_update));
    if (r.next_update) json.string("next_update", instant(*r.next_update));
    json.end();
  }
  json.end();
}

void write_dns(JsonText& json, const DnsFacts& dns) {
  json.begin_object("dns");
  if (dns.caa) {
    json.begin_object("caa").string("at", dns.caa->at);
    json.begin_array("records");
    for (const CaaRecord& r : dns.caa->records)
      json.begin_element()
          .string("tag", r.tag)
          .string("value", r.value)
          .boolean("critical", r.critical)
          .end();
    json.end().end();
  }
  if (dns.tlsa) {
    std::vector<std::string> records;
    for (const TlsaRecord& r : dns.tlsa->records) records.push_back(r.text());
    json.begin_object("tlsa").string("at", dns.tlsa->at).boolean("signed", dns.tlsa->signed_);
    json.strings("records", records).end();
  }
  if (dns.sshfp) {
    std::vector<std::string> records;
    for (const SshfpRecord& r : dns.sshfp->records) records.push_back(r.text());
    std::ranges::sort(records);
    json.begin_object("sshfp").string("at", dns.sshfp->at).boolean("signed", dns.sshfp->signed_);
    json.strings("records", records).end();
  }
  json.end();
}

void write_mail(JsonText& json, const MailFacts& mail) {
  json.begin_object("mail").string("domain", mail.domain).strings("hosts", mail.hosts);
  if (mail.sts_id) json.string("mta_sts_id", *mail.sts_id);
  if (mail.policy) {
    json.begin_object("mta_sts").string("mode", mode_name(mail.policy->mode));
    json.number("max_age", mail.policy->max_age.count()).strings("mx", mail.policy->mx).end();
  }
  if (mail.reports) json.strings("tls_rpt", *mail.reports);
  json.end();
}

void write_attacks(JsonText& json, const AttacksSeen& a) {
  json.begin_object("attacks");
  const std::pair<const char*, const std::optional<bool>&> flags[] = {
      {"client_renegotiation", a.renegotiation}, {"early_ccs", a.early_ccs},
      {"heartbleed", a.heartbeat_unchecked},     {"robot", a.bleichenbacher},
      {"poodle_tls", a.padding_unchecked},       {"padding_oracle", a.padding_oracle}};
  for (const auto& [key, value] : flags)
    if (value) json.boolean(key, *value);
  json.end();
}

void write_http(JsonText& json, std::string_view key, const HttpAnswer& answer) {
  json.begin_object(key).number("status", answer.status);
  for (const char* name : {"location", "server", "strict-transport-security"})
    if (const std::string* const value = answer.field(name)) json.string(name, *value);
  json.end();
}

void write_page(JsonText& json, const PageSeen& page) {
  json.begin_object("page");
  std::vector<std::string> addresses;
  for (const Hop& hop : page.chain.hops) addresses.push_back(hop.url);
  json.strings("addresses", addresses);
  if (!page.chain.next.empty()) json.string("leads_to", page.chain.next);
  if (page.answer())
    json.number("status", page.answer()->status).number("bytes", page.bytes).boolean("whole", page.whole);
  if (!page.coding.empty()) json.string("coding", page.coding);
  if (page.parts) {
    json.number("parts", page.parts->parts.size());
    json.begin_array("insecure_parts");
    for (const PagePart& part : page.parts->parts) {
      if (part.secure) continue;
      constexpr const char* kUses[] = {"upgradable", "blockable", "form", "refresh"};
      json.begin_element().string("use", kUses[static_cast<std::size_t>(part.use)]);
      json.string("element", part.element).string("address", part.url).end();
    }
    json.end();
  }
  json.end();
}

void write_http3(JsonText& json, const Http3Seen& h) {
  constexpr const char* kEnds[] = {"answered", "handshake", "refused", "silent", "closed", "not_asked"};
  json.begin_object("http3").number("port", h.port).boolean("announced", h.announced);
  json.string("outcome", kEnds[static_cast<std::size_t>(h.end)]);
  if (!h.why.empty()) json.string("why", h.why);
  std::vector<std::string> versions;
  for (const std::uint32_t one : h.versions) versions.push_back(quic_version_name(one));
  json.strings("versions", versions);
  if (h.has_session())
    json.string("version", quic_version_name(h.version))
        .string("suite", tls::suite_facts(h.suite).name)
        .string("group", group_name(h.group));
  if (h.status != 0) json.number("status", h.status);
  json.end();
}

void write_observatory(JsonText& json, const Observatory& o) {
  json.begin_object("mdn_observatory").number("score", o.score).string("grade", o.grade);
  json.begin_array("tests");
  for (const ObservatoryRow& row : o.rows)
    json.begin_element()
        .string("test", row.test)
        .string("outcome", row.outcome)
        .number("points", row.points)
        .end();
  json.end().end();
}

void write_starttls(JsonText& json, const StartTlsSeen& s) {
  json.begin_object("starttls").boolean("offered", s.offered);
  if (s.plain_login != proto::PlainLogin::unknown)
    json.boolean("plain_login", s.plain_login == proto::PlainLogin::allowed);
  if (s.injectable) json.boolean("injectable", *s.injectable);
  json.end();
}

void write_sstp(JsonText& json, const SstpSeen& s) {
  json.begin_object("sstp").boolean("agreed", s.agreed).string("answer", s.answer);
  if (s.call)
    json.boolean("call", s.call->acknowledged)
        .boolean("sha1", s.call->sha1)
        .boolean("sha256", s.call->sha256);
  json.end();
}

void write_score(JsonText& json, const Score& score) {
  json.begin_object("ssl_labs").number("total", score.total).number("protocol", score.protocol);
  json.number("key_exchange", score.key_exchange).number("cipher", score.cipher).end();
}

void write_observations(JsonText& json, const Examined& one) {
  const Observations& seen = one.seen;
  json.begin_object("observations").string("first_answer", seen.reach.first.text());
  if (seen.starttls) write_starttls(json, *seen.starttls);
  if (seen.sstp) write_sstp(json, *seen.sstp);
  if (seen.ssh) write_ssh(json, *seen.ssh);
  if (seen.ike) write_ike(json, *seen.ike);
  if (seen.ftp_data && seen.ftp_data->in_clear) json.boolean("ftp_data_protected", !*seen.ftp_data->in_clear);
  if (seen.ftp_data && seen.ftp_data->wants_resumption)
    json.boolean("ftp_data_wants_resumption", *seen.ftp_data->wants_resumption);
  write_versions(json, seen);
  if (seen.groups) json.strings("groups", group_names(seen.groups->groups));
  if (seen.handshake) write_handshake(json, *seen.handshake, one.target.server_name());
  write_flags(json, seen);
  write_signatures(json, seen);
  write_resumption(json, seen);
  write_attacks(json, seen.attacks);
  write_revocation(json, seen);
  if (seen.dns && (seen.dns->caa || seen.dns->tlsa || seen.dns->sshfp)) write_dns(json, *seen.dns);
  if (seen.mail) write_mail(json, *seen.mail);
  if (seen.http) write_http(json, "http", *seen.http);
  if (seen.plain_http && seen.plain_http->answer) write_http(json, "plain_http", *seen.plain_http->answer);
  if (seen.page) write_page(json, *seen.page);
  if (seen.http3) write_http3(json, *seen.http3);
  if (one.observatory) write_observatory(json, *one.observatory);
  if (one.target.by_tls()) write_score(json, score_of(seen));
  json.number("connections", seen.connections).end();
}

void write_finding(JsonText& json, const Examined& one, const Finding& f) {
  json.begin_element().string("id", f.kind->id).string("severity", severity_name(f.kind->severity));
  json.string("title", f.kind->title).string("evidence", f.evidence);
  json.string("remedy", f.kind->remedy).string("source", f.kind->source);
  if (f.known) json.boolean("known", true);
  if (!f.waived.empty()) json.string("waived", f.waived);
  if (const auto snippet = snippet_for(one, f))
    json.begin_object("snippet").string("for", snippet->software).string("text", snippet->text).end();
  json.end();
}

/// The members of one endpoint; the object itself is opened and ended by the caller.
void write_endpoint(JsonText& json, const Examined& one) {
  json.string("target", one.target.endpoint())
      .string("address", one.address)
      .string("grade", grade_name(one.grade));
  json.boolean("tested", one.tested()).number("milliseconds", one.took.count());
  json.begin_array("findings");
  for (const Finding& f : one.findings) write_finding(json, one, f);
  json.end();
  write_observations(json, one);
  json.begin_array("not_tested");
  for (const NotTested& n : one.seen.not_tested)
    json.begin_element().string("id", n.id).string("reason", n.reason).end();
  json.end();
}

}  // namespace

std::string json_report(std::span<const Examined> all) {
  JsonText json;
  json.begin_array("targets");
  for (const Examined& one : all) {
    json.begin_element();
    write_endpoint(json, one);
    json.end();
  }
  return json.finish();
}

std::string json_line(const Examined& one) {
  JsonText json(JsonText::Layout::one_line);
  write_endpoint(json, one);
  return json.finish();
}

}  // namespace sally::check
