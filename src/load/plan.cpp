#include "load/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "http/octets.h"
#include "http/target.h"
#include "net/address_range.h"

namespace sally::load {
namespace {

constexpr std::size_t kLongestUrl = 8192, kLongestField = 8192;  ///< bytes
constexpr std::uint64_t kTrickleRequests = 10;
constexpr unsigned kTrickleConnections = 2;

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (http::octets::kClasses[static_cast<unsigned char>(c)] & http::octets::kToken) != 0;
  });
}

/// RFC 9110 5.5, without the octets beyond ASCII that nobody means.
bool is_value(std::string_view text) {
  return text.size() <= kLongestField &&
         std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= ' ' && c < 0x7f); });
}

/// These say how a message is framed, which is not for the caller to change.
constexpr std::array<std::string_view, 7> kFraming = {
    "connection", "content-length", "transfer-encoding", "upgrade", "te", "keep-alive", "proxy-connection"};

}  // namespace

std::string LoadUrl::text() const { return (secure ? "https://" : "http://") + authority + path; }

Result<LoadUrl> parse_load_url(std::string_view text) {
  const auto bad = [&](std::string_view why) { return fail(kBadUrl, fmt::format("\"{}\": {}", text, why)); };
  if (text.size() > kLongestUrl) return fail(kBadUrl, fmt::format("longer than {} bytes", kLongestUrl));
  LoadUrl out;
  std::string_view rest = text;
  if (const std::size_t at = text.find("://"); at != std::string_view::npos) {
    const std::string scheme = ascii_lower(text.substr(0, at));
    if (scheme != "https" && scheme != "http") return bad("only https and http are put under load");
    out.secure = scheme == "https";
    rest = text.substr(at + 3);
  }
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  std::uint16_t port = 0;
  if (!http::parse_authority(rest.substr(0, end), out.host, port)) return bad("it has no host");
  out.port = port != 0 ? port : out.secure ? 443 : 80;
  const std::string shown = out.host.contains(':') ? "[" + out.host + "]" : out.host;
  out.authority = port != 0 ? fmt::format("{}:{}", shown, port) : shown;
  out.path = rest.substr(end);
  if (!out.path.starts_with('/')) out.path.insert(0, "/");
  if (!http::is_request_path(out.path))
    return bad("a path has no spaces or letters beyond ASCII: write them as %20");
  return out;
}

bool is_trickle(const Plan& plan) {
  return plan.requests != 0 && plan.requests <= kTrickleRequests && plan.warm_up.count() == 0 &&
         plan.connections <= kTrickleConnections;
}

Result<> check_plan(const Plan& plan) {
  const auto bad = [](std::string why) { return fail(kBadPlan, std::move(why)); };
  if (plan.urls.empty()) return bad("no URL was named");
  if (plan.threads == 0 || plan.connections < plan.threads)
    return bad(fmt::format("{} connections cannot be shared by {} threads", plan.connections, plan.threads));
  if (!is_token(plan.method) || plan.method == "CONNECT")
    return bad(fmt::format("\"{}\" is no method for this", plan.method));
  for (const auto& [name, value] : plan.fields) {
    if (!is_token(name) || !is_value(value)) return bad(fmt::format("\"{}\" is no header field", name));
    if (std::ranges::find(kFraming, ascii_lower(name)) != kFraming.end())
      return bad(fmt::format("the field {} frames the message and is set by itself", name));
  }
  if (plan.speech == Speech::http3) {
    const auto plain = std::ranges::find(plan.urls, false, &LoadUrl::secure);
    if (plain != plan.urls.end()) return bad(plain->text() + ": HTTP/3 is always https");
  }
  if (plan.handshakes != Handshakes::none) {
    const auto plain = std::ranges::find(plan.urls, false, &LoadUrl::secure);
    if (plain != plan.urls.end()) return bad(plain->text() + " has no handshake: it is not https");
    if (plan.counts_handshakes() && !plan.body.empty()) return bad("a handshake carries no body");
  }
  if (plan.hold.count() != 0) {
    if (plan.requests_per_connection != 0) return bad("a connection is held or closed, not both");
    if (plan.handshakes == Handshakes::resumed) return bad("only connections with a full handshake are held");
    if (plan.counts_handshakes() && (plan.requests == 0 || plan.requests > plan.connections))
      return bad(fmt::format("each connection is held after its handshake: say --requests {} or less",
                             plan.connections));
  }
  return {};
}

bool is_near(std::string_view address) {
  static const auto kRanges = [] {
    std::vector<AddressRange> out;
    for (const std::string_view one : {"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                       "169.254.0.0/16", "100.64.0.0/10", "::1", "fc00::/7", "fe80::/10"})
      if (const auto range = AddressRange::parse(one)) out.push_back(*range);
    return out;
  }();
  return any_contains(kRanges, address.substr(0, address.find('%')));
}

}  // namespace sally::load
