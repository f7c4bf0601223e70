#include "check/mail_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "check/dns_records.h"
#include "check/gather.h"
#include "check/talk.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

constexpr std::uint16_t kHttps = 443;
constexpr const char* kPolicyPath = "/.well-known/mta-sts.txt";

void note_hosts(const DnsAnswer& answer, MailFacts& out) {
  std::vector<std::pair<unsigned, std::string>> rows;
  for (const DnsRecord& record : answer.records)
    rows.emplace_back(record.preference, ascii_lower(record.data));
  std::ranges::sort(rows);
  for (auto& [preference, host] : rows)
    if (!host.empty() && std::ranges::find(out.hosts, host) == out.hosts.end())
      out.hosts.push_back(std::move(host));
  out.takes_no_mail = !rows.empty() && out.hosts.empty();
  if (rows.empty()) out.hosts.push_back(out.domain);
}

/// Of the TXT records those that `read` knows. Errors: check.bad_mta_sts, also if there are two of them.
template <typename Value>
Result<Value> one_record(const DnsAnswer& answer, Result<Value> (*read)(std::string_view)) {
  Value out{};
  for (const DnsRecord& record : answer.records) {
    const auto text = read_txt(record.data);
    if (!text) continue;
    TRY(Value value, read(*text));
    if (value.empty()) continue;
    if (!out.empty()) return fail(kBadMtaSts, "there are two records of this kind");
    out = std::move(value);
  }
  return out;
}

Task<Result<std::string>> fetch_policy(Loop& loop, const DnsServers& servers, std::string host,
                                       const PolicyFetch& f) {
  std::string place = f.address.empty() ? host : f.address;
  CO_TRY(const auto addresses, co_await ask_addresses(loop, servers, std::move(place), kHttps));
  const DialLimits limits{.connect = f.connect,
                          .answer = f.answer,
                          .connections = 1,
                          .end = loop.now() + f.connect + 3 * f.answer};
  Dialer dialer(loop, addresses.front(), limits, *proto::protocol_named("https"), {.server = host}, kHttps);
  CO_TRY(auto session,
         tls::ClientSession::make(
             {.lowest = tls::kTls12, .highest = tls::kTls13, .server_name = host, .alpn = {"http/1.1"}}));
  Talk talk(dialer, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  std::vector<crypto::Certificate> sent;
  for (const std::string& der : talk.session().certificates())
    if (auto one = crypto::Certificate::from_der(as_bytes(std::string_view(der))))
      sent.push_back(*std::move(one));
  if (sent.empty() || !sent.front().covers(host))
    co_return fail(kBadMtaSts, fmt::format("the certificate of {} is for other names", host));
  if (const auto verdict = f.roots.verify(sent.front(), std::span(sent).subspan(1), WallClock::now());
      !verdict.trusted)
    co_return fail(kBadMtaSts, fmt::format("the certificate of {} is not trusted: {}", host, verdict.why));
  AnswerReader reader(kLongestPolicy);
  CO_TRY_VOID(co_await talk.fetch(
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sallyport-check\r\nConnection: close\r\n\r\n",
                  kPolicyPath, host),
      reader));
  if (reader.answer().status != 200)
    co_return fail(kBadMtaSts, fmt::format("{} answers with status {}", host, reader.answer().status));
  if (!reader.whole()) co_return fail(kBadMtaSts, "the policy does not come whole, or is longer than 64 KiB");
  co_return reader.content();
}

Task<Unit> ask_sts(Loop& loop, const DnsServers& servers, const PolicyFetch& fetch, MailFacts& out) {
  const auto answer = co_await ask_dns(loop, servers, "_mta-sts." + out.domain, DnsType::txt);
  if (!answer) {
    out.not_tested.push_back({"mail.mta_sts", answer.error().text()});
    co_return Unit{};
  }
  const auto id = one_record(*answer, read_mta_sts_record);
  out.sts_id = id ? *id : "?";
  if (!id) out.sts_trouble = "the record: " + std::string(id.error().detail());
  if (!id || id->empty()) co_return Unit{};
  const auto text = co_await fetch_policy(loop, servers, "mta-sts." + out.domain, fetch);
  if (!text) {
    out.sts_trouble = text.error().is(kBadMtaSts) ? std::string(text.error().detail()) : text.error().text();
    co_return Unit{};
  }
  auto policy = read_mta_sts_policy(*text);
  if (policy)
    out.policy = *std::move(policy);
  else
    out.sts_trouble = "the policy: " + std::string(policy.error().detail());
  co_return Unit{};
}

Task<Unit> ask_reports(Loop& loop, const DnsServers& servers, MailFacts& out) {
  const auto answer = co_await ask_dns(loop, servers, "_smtp._tls." + out.domain, DnsType::txt);
  if (!answer) {
    out.not_tested.push_back({"mail.tls_rpt", answer.error().text()});
    co_return Unit{};
  }
  auto places = one_record(*answer, read_tls_rpt_record);
  out.reports.emplace();
  if (places)
    out.reports = *std::move(places);
  else
    out.reports_trouble = places.error().detail();
  co_return Unit{};
}

}  // namespace

Task<Result<MailFacts>> gather_mail(Loop& loop, const DnsServers& servers, std::string domain,
                                    const PolicyFetch& fetch) {
  MailFacts out;
  out.domain = std::move(domain);
  CO_TRY(const DnsAnswer mx, co_await ask_dns(loop, servers, out.domain, DnsType::mx));
  note_hosts(mx, out);
  if (out.takes_no_mail) co_return out;
  Gather all(loop);
  all.start(ask_sts(loop, servers, fetch, out));
  all.start(ask_reports(loop, servers, out));
  co_await all.all();
  co_return out;
}

}  // namespace sally::check
