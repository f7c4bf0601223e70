#include "check/dns_facts.h"

#include <fmt/format.h>

#include "check/gather.h"

namespace sally::check {
namespace {

constexpr unsigned kMostLabels = 16;  ///< of a name that is climbed
constexpr const char* kNoVouching =
    "this machine's DNS resolver is not known to check signatures; name one that does with --resolver";

void read_caa_records(const DnsAnswer& answer, DnsFacts::Caa& out) {
  for (const DnsRecord& record : answer.records)
    if (auto one = read_caa(record.data)) out.records.push_back(*std::move(one));
}

Task<Unit> ask_caa(Loop& loop, const DnsServers& servers, std::string name, DnsFacts& out) {
  DnsFacts::Caa caa;
  for (unsigned labels = 0; labels < kMostLabels && !name.empty(); ++labels) {
    const auto answer = co_await ask_dns(loop, servers, name, DnsType::caa);
    if (!answer) {
      out.not_tested.push_back({"cert.caa", answer.error().text()});
      co_return Unit{};
    }
    if (!answer->records.empty()) {
      caa.at = name;
      read_caa_records(*answer, caa);
      break;
    }
    const std::size_t dot = name.find('.');
    name = dot == std::string::npos ? std::string() : name.substr(dot + 1);
  }
  out.caa = std::move(caa);
  co_return Unit{};
}

Task<Unit> ask_tlsa(Loop& loop, const DnsServers& servers, std::string name, DnsFacts& out) {
  const auto answer = co_await ask_dns(loop, servers, name, DnsType::tlsa);
  if (!answer) {
    out.not_tested.push_back({"cert.dane", answer.error().text()});
    co_return Unit{};
  }
  DnsFacts::Tlsa tlsa{.at = std::move(name), .signed_ = answer->authenticated, .records = {}};
  for (const DnsRecord& record : answer->records) {
    if (auto one = read_tlsa(record.data))
      tlsa.records.push_back(*std::move(one));
    else
      ++tlsa.unreadable;
  }
  out.tlsa = std::move(tlsa);
  co_return Unit{};
}

Task<Unit> ask_sshfp(Loop& loop, const DnsServers& servers, std::string name, DnsFacts& out) {
  const auto answer = co_await ask_dns(loop, servers, name, DnsType::sshfp);
  if (!answer) {
    out.not_tested.push_back({"ssh.sshfp", answer.error().text()});
    co_return Unit{};
  }
  DnsFacts::Sshfp sshfp{.at = std::move(name), .signed_ = answer->authenticated, .records = {}};
  for (const DnsRecord& record : answer->records)
    if (auto one = read_sshfp(record.data)) sshfp.records.push_back(*std::move(one));
  out.sshfp = std::move(sshfp);
  co_return Unit{};
}

}  // namespace

bool is_in_dns(const Target& target) {
  return !target.is_literal && !target.is_local_name() && !target.server_name().empty();
}

Task<DnsFacts> gather_dns(Loop& loop, const DnsServers& servers, const Target& target) {
  DnsFacts out;
  if (!is_in_dns(target)) co_return out;
  const bool by_tls = target.by_tls();
  if (!servers.vouch) {
    const std::initializer_list<const char*> tls = {"cert.caa", "cert.dane"}, ssh = {"ssh.sshfp"};
    for (const char* const id : by_tls ? tls : ssh) out.not_tested.push_back({id, kNoVouching});
    co_return out;
  }
  if (!by_tls) {
    co_await ask_sshfp(loop, servers, target.server_name(), out);
    co_return out;
  }
  Gather all(loop);
  all.start(ask_caa(loop, servers, target.server_name(), out));
  all.start(ask_tlsa(loop, servers, fmt::format("_{}._tcp.{}", target.port, target.server_name()), out));
  co_await all.all();
  co_return out;
}

}  // namespace sally::check
