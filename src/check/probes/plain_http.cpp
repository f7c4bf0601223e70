#include "check/http_fetch.h"
#include "check/probes/all.h"
#include "net/connect.h"

namespace sally::check {
namespace {

constexpr FetchRow kAsBrowsers{.method = "GET", .fields = "Connection: close\r\n", .content_limit = 0};
constexpr FetchRow kUpgrade{
    .method = "OPTIONS", .fields = "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n", .content_limit = 0};

/// source  CVE-2025-49812 (Opossum): TLS inside a plain connection can be mixed with TLS from the start
Task<Unit> ask_for_upgrade(Examination& x, PlainHttpSeen& out) {
  const auto answer = co_await fetch(x, root_of(x.target, "http", x.http_port), kUpgrade);
  if (!answer) co_return Unit{};
  const std::string* const upgrade = answer->answer.field("upgrade");
  out.upgrades_to_tls = upgrade && (upgrade->contains("TLS/") || upgrade->contains("tls/"));
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_plain_http(Examination& x) {
  PlainHttpSeen out;
  out.port = x.http_port;
  out.chain = co_await follow(x, root_of(x.target, "http", x.http_port), kAsBrowsers, nullptr);
  out.open = !out.chain.hops.empty() || !out.chain.why_id.starts_with("net.connect");
  if (!out.chain.hops.empty()) {
    out.answer = out.chain.hops.front().answer;
    co_await ask_for_upgrade(x, out);
  } else if (out.chain.why_id != kConnectRefused.id) {
    x.not_tested("http.redirect", out.chain.why);
  }
  x.seen.plain_http = std::move(out);
  co_return Unit{};
}

}  // namespace sally::check
