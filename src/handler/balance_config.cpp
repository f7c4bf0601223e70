#include "handler/balance_config.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"
#include "config/block.h"
#include "http/octets.h"
#include "http/target.h"
#include "upstream/address.h"

namespace sally::handler {

using config::Block;
using config::Count;
using config::Node;
using config::Spot;
using config::Switch;
using config::Text;
using config::Time;
using config::Words;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLeastSecret = 32;

std::string check_address(std::string_view text) {
  std::string why;
  const auto address = upstream::Address::parse(text, why);
  if (address && address->raw) return "is for what is not HTTP; write \"https://host\"";
  return address ? "" : why;
}

std::string check_cookie_name(std::string_view name) {
  return http::is_field_name(ascii_lower(name)) ? "" : "is no name of a cookie (RFC 6265 4.1.1)";
}

std::string check_secret(std::string_view secret) {
  return secret.size() >= kLeastSecret ? "" : "has fewer than 32 letters";
}

std::string check_path(std::string_view path) {
  return http::is_request_path(path) ? "" : "is no path such as \"/health\"";
}

std::string check_host(std::string_view text) {
  std::string host;
  std::uint16_t port = 0;
  return http::parse_authority(text, host, port) ? "" : "is no host name";
}

/// "client", "path", "header:Name" or "cookie:name".
struct KeyWord {
  bool read(const Node& node, HashKey& out, const Spot& at) const {
    const std::string_view text = node.kind == Node::Kind::text ? std::string_view(node.text) : "";
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view from = text.substr(0, colon), name = text.substr(std::min(colon + 1, text.size()));
    if ((from == "client" || from == "path") && colon == text.size()) {
      out = {from == "client" ? HashKey::From::client : HashKey::From::path, ""};
    } else if (from == "header" && http::is_field_name(ascii_lower(name))) {
      out = {HashKey::From::header, ascii_lower(name)};
    } else if (from == "cookie" && http::is_field_name(ascii_lower(name))) {
      out = {HashKey::From::cookie, std::string(name)};
    } else {
      return at.bad(node,
                    node.shown() + " is none of \"client\", \"path\", \"header:Name\" and \"cookie:name\"");
    }
    return true;
  }
  std::string type() const { return "client|path|header:NAME|cookie:NAME"; }
  std::string range() const { return ""; }
  std::string show(const HashKey& key) const {
    switch (key.from) {
      case HashKey::From::client:
        return "\"client\"";
      case HashKey::From::path:
        return "\"path\"";
      case HashKey::From::header:
        return "\"header:" + key.name + "\"";
      case HashKey::From::cookie:
        return "\"cookie:" + key.name + "\"";
    }
    return "";
  }
};

/// 200, or "200-299".
struct StatusRange {
  bool read(const Node& node, HealthConfig::Statuses& out, const Spot& at) const {
    const std::string text = config::word_of(node).value_or("");
    const std::size_t dash = text.find('-');
    const auto first = parse_number<std::uint16_t>(std::string_view(text).substr(0, dash));
    const auto last =
        dash == text.npos ? first : parse_number<std::uint16_t>(std::string_view(text).substr(dash + 1));
    if (!first || !last || *first < 200 || *last > 599 || *first > *last)
      return at.bad(node, node.shown() + " is no status and no range such as \"200-399\"");
    out = {*first, *last};
    return true;
  }
  std::string type() const { return "status or range"; }
  std::string range() const { return "200..599"; }
  std::string show(const HealthConfig::Statuses& s) const {
    return fmt::format("\"{}-{}\"", s.first, s.last);
  }
};

}  // namespace

const Block<upstream::MemberTerms>& member_block() {
  using C = upstream::MemberTerms;
  static const Block<C> kBlock =
      Block<C>(
          "A backend. `to = [\"10.0.0.1:80\", \"10.0.0.2:80\"]` is short for a list of blocks with `to` "
          "alone.")
          .repeated()
          .key("to", &C::address, Text{check_address, "\"host:port\" or \"unix:/path\""}, "Where it listens.")
          .key("weight", &C::weight, Count{1, 1000}, "Its share is this of the sum of all weights.")
          .key("backup", &C::backup, Switch{}, "It is asked only while all that are no backups are away.")
          .key("max_connections", &C::max_connections, Count{1, 1'000'000, "no limit"},
               "Requests that it is given at a time, by all workers; more wait, see queue.")
          .shorthand("to");
  return kBlock;
}

const Block<upstream::EjectionTerms>& ejection_block() {
  using C = upstream::EjectionTerms;
  static const Block<C> kBlock =
      Block<C>(
          "When a backend that fails is left alone. A failure is no connection, no whole answer, or 502, "
          "503, 504.")
          .key("failures", &C::failures, Count{1, 1000, "never"}, "So many in a row, seen by one worker.",
               "Envoy 5, nginx 1")
          .key("time", &C::first, Time{100ms, 1h},
               "For how long; twice as long each time that it fails again.", "Traefik 10 s")
          .key("longest", &C::longest, Time{100ms, 24h}, "But no longer than this.", "Envoy 300 s")
          .key(
              "share", &C::share_percent, Count{0, 100},
              "Percent of the backends that may be left alone at a time. One always may be, the last never.");
  return kBlock;
}

const Block<BalanceConfig>& BalanceConfig::block() {
  using C = BalanceConfig;
  using upstream::Policy;
  static const Block<C> kBlock =
      Block<C>(
          "Which of several backends gets a request. `balance = \"least_connections\"` is short for "
          "`policy`.")
          .key("policy", &C::policy,
               Words<Policy>{{{"round_robin", Policy::round_robin},
                              {"least_connections", Policy::least_connections},
                              {"hash", Policy::hash}}},
               "In turn by weight; of two at random the one with fewer requests; or always the same one for "
               "a key.")
          .key("key", &C::key, KeyWord{},
               "With hash: what tells requests apart. One without that field or cookie goes by its client's "
               "address.")
          .key("slow_start", &C::slow_start, Time{0ms, 1h},
               "Who comes back gets a tenth of its share, and all of it after this time. Not with hash.")
          .shorthand("policy");
  return kBlock;
}

const Block<StickyConfig>& StickyConfig::block() {
  using C = StickyConfig;
  static const Block<C> kBlock =
      Block<C>(
          "A cookie that keeps a client at its backend while that is well. `sticky = \"name\"` is short.")
          .key("cookie", &C::cookie, Text{check_cookie_name, ""}, "Its name.", "RFC 6265")
          .key("secret", &C::secret, Text{check_secret, "32 letters or more"},
               "Makes its value, which tells nothing of the backend. Absent: a random one until the process "
               "ends; "
               "several gateways need the same.")
          .shorthand("cookie");
  return kBlock;
}

const Block<HealthConfig>& HealthConfig::block() {
  using C = HealthConfig;
  using Kind = HealthConfig::Kind;
  static const Block<C> kBlock =
      Block<C>(
          "Asks each backend whether it is well, and leaves it alone while it is not. `health = \"/path\"` "
          "is short.")
          .key("kind", &C::kind, Words<Kind>{{{"http", Kind::http}, {"tcp", Kind::tcp}}},
               "A GET whose answer must fit, or only that a connection is taken.")
          .key("path", &C::path, Text{check_path, ""}, "What is asked for.")
          .key("status", &C::status, StatusRange{}, "Statuses that are good.")
          .key("contains", &C::contains, Text{},
               "A text that must stand in the first 64 KiB of the answer's body.")
          .key("host", &C::host, Text{check_host, ""},
               "The Host that is asked. Absent: the backend's address.")
          .key("interval", &C::interval, Time{100ms, 1h}, "From one check to the next.",
               "HAProxy 2 s, Caddy 30 s")
          .key("timeout", &C::timeout, Time{10ms, 5min}, "For the whole answer.", "Caddy, Traefik 5 s")
          .key("rise", &C::rise, Count{1, 100}, "Good checks in a row after which it is asked again.",
               "HAProxy 2")
          .key("fall", &C::fall, Count{1, 100},
               "Bad checks in a row after which it is not. The first one counts alone.", "HAProxy 3")
          .shorthand("path");
  return kBlock;
}

const Block<QueueConfig>& QueueConfig::block() {
  using C = QueueConfig;
  static const Block<C> kBlock =
      Block<C>("Who waits while each backend has as many requests as max_connections lets it have.")
          .key("requests", &C::requests, Count{1, 1'000'000, "none"},
               "That wait in each worker; more get 503 at once.")
          .key("timeout", &C::timeout, Time{10ms, 10min}, "After which one that waits gets 503.");
  return kBlock;
}

const Block<RetryConfig>& RetryConfig::block() {
  using C = RetryConfig;
  static const Block<C> kBlock =
      Block<C>(
          "When another backend is tried: the first took no connection, or it closed without a word and the "
          "request "
          "has no body and may be repeated.")
          .key("most", &C::most, Count{1, 10, "never"}, "Further backends that one request may try.",
               "RFC 9110 9.2.2")
          .key("percent", &C::percent, Count{0, 100},
               "Of the requests under way in a worker that may be retries.", "Envoy 20 %")
          .key("least", &C::least, Count{0, 1000}, "But so many may be in any case.", "Envoy 3");
  return kBlock;
}

}  // namespace sally::handler
