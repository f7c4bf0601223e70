#include "check/report/ike_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "proto/ike/transforms.h"

namespace sally::check {
namespace {

std::vector<std::string> names(const std::vector<ike::Transform>& all) {
  std::vector<std::string> out;
  for (const ike::Transform& one : all) out.push_back(ike::name_of(one));
  return out;
}

/// Numbers of RFC 7427 and RFC 8420.
std::vector<std::string> hash_names(const std::vector<std::uint16_t>& all) {
  constexpr const char* kNames[] = {"SHA-1", "SHA-256", "SHA-384", "SHA-512", "identity"};
  std::vector<std::string> out;
  for (const std::uint16_t one : all)
    out.push_back(one >= 1 && one <= std::size(kNames) ? kNames[one - 1] : fmt::format("hash {}", one));
  return out;
}

const char* port_word(IkePort port) {
  constexpr const char* kWords[] = {"untested", "answers", "silent", "closed"};
  return kWords[static_cast<std::size_t>(port)];
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ike_rows(const IkeSeen& seen) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::string name, const std::vector<std::string>& list) {
    if (!list.empty()) out.emplace_back(std::move(name), fmt::format("{}", fmt::join(list, ", ")));
  };
  if (seen.v2) {
    const IkeV2Seen& v2 = *seen.v2;
    add("key exchange", names(v2.groups));
    add("and behind it", names(v2.additional));
    add("encryption", names(v2.encryption));
    add("integrity", names(v2.integrity));
    add("PRF", names(v2.prf));
    if (v2.chosen) add("chosen", names(*v2.chosen));
    add("signed over", hash_names(v2.signature_hashes));
    std::vector<std::string> can;
    if (v2.cookies) can.emplace_back("cookies");
    if (v2.fragmentation) can.emplace_back("fragmentation");
    if (v2.nat_detection) can.emplace_back("NAT detection");
    if (v2.intermediate) can.emplace_back("IKE_INTERMEDIATE");
    if (v2.childless) can.emplace_back("childless IKE");
    add("IKEv2", can);
  }
  if (seen.main_mode) out.emplace_back("IKEv1", seen.main_mode->text());
  if (seen.aggressive) out.emplace_back("aggressive", seen.aggressive->text());
  add("vendors", seen.vendors);
  if (seen.other_port != IkePort::untested) out.emplace_back("port 4500", port_word(seen.other_port));
  return out;
}

void write_ike(JsonText& json, const IkeSeen& seen) {
  json.begin_object("ipsec");
  if (seen.v2) {
    const IkeV2Seen& v2 = *seen.v2;
    json.begin_object("ikev2").boolean("complete", v2.complete);
    json.strings("groups", names(v2.groups)).strings("additional_groups", names(v2.additional));
    json.strings("encryption", names(v2.encryption)).strings("integrity", names(v2.integrity));
    json.strings("prf", names(v2.prf));
    if (v2.chosen) json.strings("chosen", names(*v2.chosen));
    json.strings("signature_hashes", hash_names(v2.signature_hashes)).boolean("cookies", v2.cookies);
    json.boolean("fragmentation", v2.fragmentation).boolean("nat_detection", v2.nat_detection);
    json.boolean("intermediate", v2.intermediate).boolean("childless", v2.childless).end();
  }
  if (seen.refuses_v2) json.boolean("ikev2_refuses_all", true);
  if (seen.main_mode) json.string("ikev1", seen.main_mode->text());
  if (seen.weak_mode) json.string("ikev1_weak", seen.weak_mode->text());
  if (seen.aggressive)
    json.string("aggressive", seen.aggressive->text()).boolean("gave_hash", seen.gave_hash);
  json.strings("vendors", seen.vendors).string("port_4500", port_word(seen.other_port)).end();
}

}  // namespace sally::check
