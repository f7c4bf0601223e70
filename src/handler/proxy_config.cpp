#include "handler/proxy_config.h"

#include "config/block.h"
#include "http/target.h"

namespace sally::handler {

using config::Block;
using config::Count;
using config::Size;
using config::Switch;
using config::Text;
using config::Time;

namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

std::string check_host(std::string_view text) {
  if (text == "client" || text == "backend") return "";
  std::string host;
  std::uint16_t port = 0;
  return http::parse_authority(text, host, port) ? "" : "is neither \"client\", \"backend\" nor a host name";
}

}  // namespace

const Block<ProxyConfig>& ProxyConfig::block() {
  using namespace std::chrono_literals;
  using C = ProxyConfig;
  static const Block<C> kBlock =
      Block<C>("The application that answers. `proxy = [\"127.0.0.1:3000\"]` is short for `to`.")
          .blocks("to", &C::to, member_block(), upstream::Group::kMostMembers)
          .key(
              "host", &C::host, Text{check_host, "\"client\", \"backend\" or a name"},
              "The Host that the backend sees: what the client asked for, the backend's own address, or this "
              "name.",
              "RFC 9110 7.2")
          .key("connect_timeout", &C::connect_timeout, Time{10ms, 5min}, "To open a connection.", "Caddy 3 s")
          .key("answer_timeout", &C::answer_timeout, Time{100ms, 24h},
               "From the end of the request to the end of the answer's head.", "nginx 60 s")
          .key("idle_timeout", &C::idle_timeout, Time{100ms, 24h},
               "Between two pieces of an answer's body, while the client waits for them.", "Envoy 5 min")
          .key("send_timeout", &C::send_timeout, Time{100ms, 24h},
               "In which the backend takes nothing of a request.", "nginx 60 s")
          .key("keep_timeout", &C::keep_timeout, Time{100ms, 1h},
               "Of a connection that carries no request; a shorter one that the backend tells counts.",
               "nginx 60 s")
          .key("keep_connections", &C::keep_connections, Count{0, 10'000},
               "Connections without a request that each worker keeps.", "nginx 32")
          .key("header_bytes", &C::header_bytes, Size{1 * kKiB, 1 * kMiB}, "Largest head of an answer.",
               "ATS 32 KiB")
          .key("header_count", &C::header_count, Count{8, 10'000}, "Most fields of an answer.")
          .key("buffer_bytes", &C::buffer_bytes, Size{4 * kKiB, 16 * kMiB},
               "Of a body that waits, in each direction: memory that a slow end can cost.")
          .key("underscores", &C::underscores, Switch{},
               "Pass request fields with an underscore in their names. Many frameworks cannot tell it from a "
               "hyphen, so "
               "that a client could forge fields; those that say who the client is are dropped in any case.",
               "nginx, Caddy: off")
          .block("balance", &C::balance, BalanceConfig::block())
          .block("sticky", &C::sticky, StickyConfig::block())
          .block("health", &C::health, HealthConfig::block())
          .block("eject", &C::eject, ejection_block())
          .block("retry", &C::retry, RetryConfig::block())
          .block("queue", &C::queue, QueueConfig::block())
          .shorthand("to");
  return kBlock;
}

}  // namespace sally::handler
