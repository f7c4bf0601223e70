#include "check/report/json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cert/json_text.h"
#include "tls/groups.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

using cert::JsonText;

std::string time_text(WallTime t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(WallClock::to_time_t(t)));
}

std::vector<std::string> group_names(std::span<const std::uint16_t> codes) {
  std::vector<std::string> out;
  for (const std::uint16_t code : codes) {
    const tls::GroupFacts* const g = tls::group_facts(code);
    out.push_back(g ? std::string(g->name) : fmt::format("{:#06x}", code));
  }
  return out;
}

void write_versions(JsonText& json, const Observations& seen) {
  json.begin_array("versions");
  for (const VersionSeen& v : seen.versions) {
    json.begin_element().string("version", tls::version_name(v.version));
    json.string("offered", !v.known ? "unknown" : v.offered ? "yes" : "no");
    if (v.offered) {
      std::vector<std::string> suites;
      for (const std::uint16_t code : v.suites) suites.emplace_back(tls::suite_facts(code).name);
      for (const std::uint32_t kind : v.ssl2_kinds) suites.push_back(fmt::format("{:#08x}", kind));
      json.strings("suites", suites).boolean("complete", v.complete);
      if (v.server_order) json.boolean("server_order", *v.server_order);
      if (v.weakest_dh_bits != 0) json.number("weakest_dh_bits", v.weakest_dh_bits);
    }
    json.end();
  }
  json.end();
}

void write_certificates(JsonText& json, const HandshakeSeen& h) {
  json.begin_array("certificates");
  for (const crypto::Certificate& one : h.certificates) {
    const crypto::SubjectNames names = one.names();
    std::vector<std::string> all = names.dns;
    all.insert(all.end(), names.addresses.begin(), names.addresses.end());
    json.begin_element()
        .string("subject", one.subject())
        .string("issuer", one.issuer())
        .strings("names", all)
        .string("key", one.key().text)
        .string("signature", one.signature_algorithm())
        .string("not_before", time_text(one.not_before()))
        .string("not_after", time_text(one.not_after()))
        .string("sha256", crypto::hex(one.fingerprint()));
    json.end();
  }
  json.end();
}

void write_handshake(JsonText& json, const HandshakeSeen& h) {
  json.begin_object("handshake").boolean("completed", h.completed);
  if (h.completed) {
    json.string("version", tls::version_name(h.version)).string("suite", tls::suite_facts(h.suite).name);
    if (h.group != 0) json.string("group", group_names(std::span(&h.group, 1)).front());
    json.string("alpn", h.alpn).boolean("ocsp_stapled", h.stapled).boolean("session_given", h.gave_session);
    if (h.resumed) json.boolean("resumed", *h.resumed);
    json.boolean("early_data", h.early_data).boolean("client_certificate_asked", h.asked_for_certificate);
  } else {
    json.string("broken_off", h.broken_off);
  }
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

void write_http(JsonText& json, std::string_view key, const HttpAnswer& answer) {
  json.begin_object(key).number("status", answer.status);
  for (const char* name : {"location", "server", "strict-transport-security"})
    if (const std::string* const value = answer.field(name)) json.string(name, *value);
  json.end();
}

void write_starttls(JsonText& json, const StartTlsSeen& s) {
  json.begin_object("starttls").boolean("offered", s.offered);
  if (s.plain_login != proto::PlainLogin::unknown)
    json.boolean("plain_login", s.plain_login == proto::PlainLogin::allowed);
  if (s.injectable) json.boolean("injectable", *s.injectable);
  json.end();
}

void write_observations(JsonText& json, const Observations& seen) {
  json.begin_object("observations").string("first_answer", seen.reach.first.text());
  if (seen.starttls) write_starttls(json, *seen.starttls);
  if (seen.data_protected) json.boolean("ftp_data_protected", true);
  write_versions(json, seen);
  if (seen.groups) json.strings("groups", group_names(seen.groups->groups));
  if (seen.handshake) write_handshake(json, *seen.handshake);
  write_flags(json, seen);
  if (seen.http) write_http(json, "http", *seen.http);
  if (seen.plain_http && seen.plain_http->answer) write_http(json, "plain_http", *seen.plain_http->answer);
  const Score score = score_of(seen);
  json.begin_object("ssl_labs").number("total", score.total).number("protocol", score.protocol);
  json.number("key_exchange", score.key_exchange).number("cipher", score.cipher).end();
  json.number("connections", seen.connections).end();
}

}  // namespace

std::string json_report(std::span<const Examined> all) {
  JsonText json;
  json.begin_array("targets");
  for (const Examined& one : all) {
    json.begin_element()
        .string("target", one.target.endpoint())
        .string("address", one.address)
        .string("grade", grade_name(one.grade));
    json.boolean("tested", one.tested()).number("milliseconds", one.took.count());
    json.begin_array("findings");
    for (const Finding& f : one.findings) {
      json.begin_element()
          .string("id", f.kind->id)
          .string("severity", severity_name(f.kind->severity))
          .string("title", f.kind->title);
      json.string("evidence", f.evidence)
          .string("remedy", f.kind->remedy)
          .string("source", f.kind->source)
          .end();
    }
    json.end();
    write_observations(json, one.seen);
    json.begin_array("not_tested");
    for (const NotTested& n : one.seen.not_tested)
      json.begin_element().string("id", n.id).string("reason", n.reason).end();
    json.end().end();
  }
  json.end();
  return json.finish();
}

}  // namespace sally::check
