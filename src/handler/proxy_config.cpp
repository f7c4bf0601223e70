#include "handler/proxy_config.h"

#include <algorithm>

#include "config/block.h"
#include "crypto/host_match.h"
#include "handler/address_range_value.h"
#include "handler/proxy_protocol_value.h"
#include "http/target.h"

namespace sally::handler {

using config::Block;
using config::Count;
using config::List;
using config::Path;
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

std::string check_servers(std::string_view text) {
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    std::string host;
    std::uint16_t port = 0;
    if (!http::parse_authority(text.substr(from, comma - from), host, port) ||
        !crypto::parse_host_address(host))
      return "is no list of addresses such as \"192.0.2.1,[2001:db8::1]:53\"";
    from = comma + 1;
  }
  return "";
}

std::string check_name(std::string_view text) {
  return crypto::is_dns_name(text) || crypto::parse_host_address(text) ? ""
                                                                       : "is no host name and no address";
}

}  // namespace

const Block<BackendTlsConfig>& BackendTlsConfig::block() {
  using C = BackendTlsConfig;
  static const Block<C> kBlock =
      Block<C>("TLS towards backends that are written \"https://host\".")
          .key("ca", &C::ca, Path{},
               "File of the authorities that are believed. Absent: those of the system.")
          .key(
              "name", &C::name, Text{check_name, ""},
              "The name that the certificate must be for, also sent as SNI. Absent: the host of the address.",
              "RFC 9525 6")
          .key("certificate", &C::certificate, Path{},
               "File of the certificate that is shown to a backend that asks for one. Read by the account "
               "that Sallyport runs as.")
          .key("key", &C::key, Path{}, "File of its key.")
          .key("verify", &C::verify, Switch{},
               "Off: any certificate is believed, so whoever stands between reads and changes everything.")
          .key("http2", &C::http2, Switch{}, "Offer HTTP/2 to the backend, which then chooses.", "RFC 7301");
  return kBlock;
}

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
          .key("http2_streams", &C::http2_streams, Count{1, 10'000},
               "Requests at once on one HTTP/2 connection; fewer if the backend wants so.", "RFC 9113 5.1.2")
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
          .key("resolver", &C::resolver, Text{check_servers, "\"192.0.2.1,[2001:db8::1]:53\""},
               "DNS servers that know the names of the backends. Absent: the system's, after /etc/hosts.")
          .key("trusted_proxies", &C::trusted_proxies, List<AddressRangeValue>{{}, 0, 100},
               "Gateways before this one: what they say in Forwarded and X-Forwarded-* of the client is "
               "passed "
               "on, and ours is added to it. Of everybody else it is dropped.",
               "RFC 7239 8.1")
          .key("proxy_protocol", &C::proxy_protocol, ProxyProtocolValue{},
               "Begin each connection to a backend with a header that says whose request it carries. Such a "
               "connection carries one request.",
               "PROXY protocol")
          .block("tls", &C::tls, BackendTlsConfig::block())
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
