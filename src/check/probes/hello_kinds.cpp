#include "check/probes/hello_kinds.h"

#include <algorithm>
#include <array>

#include "tls/groups.h"
#include "tls/suite_facts.h"
#include "tls/suite_names.h"

namespace sally::check {

using tls::HelloOffer;

tls::HelloOffer browser_hello(const std::string& server_name, bool web) {
  HelloOffer o;
  o.versions = {tls::kTls13, tls::kTls12};
  o.suites = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
              0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  o.server_name = server_name;
  o.groups = {0x11ec, 0x001d, 0x0017, 0x0018};
  o.empty_key_share = true;
  o.signature_algorithms = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
  if (web) o.alpn = {"h2", "http/1.1"};
  o.session_ticket = o.extended_master_secret = o.renegotiation_info = o.status_request = true;
  return o;
}

void add_unknown_values(HelloOffer& o) {
  o.versions.insert(o.versions.begin(), 0x3a3a);
  o.suites.insert(o.suites.begin(), 0x1a1a);
  o.groups.insert(o.groups.begin(), 0x2a2a);
  o.signature_algorithms.push_back(0x0a0a);
  if (!o.alpn.empty()) o.alpn.insert(o.alpn.begin(), "\x0a\x0a");
}

tls::HelloOffer demanding_hello(const std::string& server_name, bool web) {
  HelloOffer o = browser_hello(server_name, web);
  add_unknown_values(o);
  o.pad_to = kLargeHello;
  return o;
}

tls::HelloOffer version_hello(std::uint16_t version, std::vector<std::uint16_t> suites,
                              const std::string& server_name) {
  HelloOffer o;
  o.legacy_version = std::min(version, tls::kTls12);
  o.suites = std::move(suites);
  o.server_name = server_name;
  o.groups = groups_of(version);
  o.signature_algorithms = HelloOffer::every_signature_algorithm();
  o.extended_master_secret = o.encrypt_then_mac = o.renegotiation_info = o.session_ticket = true;
  if (version == tls::kTls13) {
    o.versions = {tls::kTls13};
    o.empty_key_share = true;
    o.encrypt_then_mac = false;
  } else {
    o.heartbeat = true;
    o.compressions = {1, 0};  // RFC 3749: deflate first, so that a server that has it takes it
  }
  return o;
}

std::vector<std::string> in_two_pieces(const std::string& hello) {
  return {hello.substr(0, hello.size() / 2), hello.substr(hello.size() / 2)};
}

namespace {

std::vector<std::uint16_t> sorted_suites(std::uint16_t version) {
  std::vector<std::uint16_t> likely, rare;
  for (const tls::SuiteName& row : tls::registered_suites()) {
    const tls::SuiteFacts f = tls::suite_facts(row.code);
    if (f.tls13 != (version == tls::kTls13)) continue;
    // RFC 5246 and later: AEAD and SHA-2 suites need TLS 1.2.
    const bool needs_12 =
        f.aead || f.name.ends_with("SHA256") || f.name.ends_with("SHA384") || f.name.contains("GOSTR341112");
    if (version < tls::kTls12 && needs_12) continue;
    // RFC 5054 2.8.1: SRP needs an extension, and SSL 3.0 has none.
    if (version == tls::kSsl3 && f.name.contains("_SRP_")) continue;
    const bool odd = f.preshared || f.name.contains("CAMELLIA") || f.name.contains("ARIA") ||
                     f.name.contains("SM4") || f.name.contains("GOST") || f.name.contains("_DH_") ||
                     f.name.contains("_ECDH_") || f.name.contains("_DSS_");
    (odd && !f.anonymous ? rare : likely).push_back(row.code);
  }
  likely.insert(likely.end(), rare.begin(), rare.end());
  return likely;
}

}  // namespace

const std::vector<std::uint16_t>& suites_of(std::uint16_t version) {
  // Made once: reading the facts from some 350 names, for each version of each target, was half the time of a
  // run over many targets.
  static const std::array kAll = {sorted_suites(tls::kSsl3), sorted_suites(tls::kTls10),
                                  sorted_suites(tls::kTls11), sorted_suites(tls::kTls12),
                                  sorted_suites(tls::kTls13)};
  return kAll.at(version - tls::kSsl3);
}

std::vector<std::uint16_t> groups_of(std::uint16_t version) {
  std::vector<std::uint16_t> out;
  for (const tls::GroupFacts& g : tls::registered_groups()) {
    const bool only_13 = g.post_quantum || g.name.ends_with("tls13") || g.name == "curveSM2";
    // RFC 8446 4.2.7: the curves that TLS 1.3 left behind are obsolete there.
    const bool only_12 = g.code < 0x0017 || (g.code >= 0x001a && g.code <= 0x001c);
    if (version == tls::kTls13 ? !only_12 : !only_13) out.push_back(g.code);
  }
  return out;
}

}  // namespace sally::check
