// gateway/relay/relay_keys.h - the rows of a RelayTarget, for the block of each struct that is one.
#pragma once
#include <concepts>

#include "config/block.h"
#include "gateway/relay/relay_config.h"
#include "handler/proxy_protocol_value.h"

namespace sally::gateway {

const config::Block<upstream::MemberTerms>& relay_member_block();
const config::Block<handler::BalanceConfig>& relay_balance_block();
const config::Block<handler::HealthConfig>& relay_health_block();
const config::Block<handler::QueueConfig>& relay_queue_block();
const config::Block<handler::BackendTlsConfig>& relay_tls_block();

/// Adds the keys of a RelayTarget to the block of a struct that is one.
template <std::derived_from<RelayTarget> T>
void add_target_keys(config::Block<T>& block) {
  using namespace std::chrono_literals;
  block.blocks("to", &T::to, relay_member_block(), upstream::Group::kMostMembers)
      .key("send_proxy_protocol", &T::proxy_protocol, handler::ProxyProtocolValue{},
           "Begin each connection to a backend with a header that says whose it is.", "PROXY protocol")
      .key("connect_timeout", &T::connect_timeout, config::Time{10ms, 5min},
           "To open a connection to a backend, with TLS where it speaks that.")
      .key("idle_timeout", &T::idle_timeout, config::Time{1s, 7 * 24h},
           "In which nothing moves, either way: then the connection is closed. A mail program that waits for "
           "mail "
           "says something every 29 minutes.",
           "RFC 2177; nginx 10 min")
      .key("half_closed_timeout", &T::half_closed_timeout, config::Time{1s, 24h},
           "The same, once one side has ended what it sends.")
      .key("buffer_bytes", &T::buffer_bytes, config::Size{4 * 1024, 16 * 1024 * 1024},
           "That wait for a slow end, in each direction; what exceeds it waits at the other end.")
      .block("balance", &T::balance, relay_balance_block())
      .block("health", &T::health, relay_health_block())
      .block("queue", &T::queue, relay_queue_block())
      .block("eject", &T::eject, handler::ejection_block())
      .block("backend_tls", &T::tls, relay_tls_block());
}

}  // namespace sally::gateway
