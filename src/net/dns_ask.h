// net/dns_ask.h - asks DNS for records of any kind, where the system's resolver gives out addresses only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "loop/loop.h"
#include "loop/task.h"
#include "net/dns_message.h"
#include "net/look_up.h"
#include "net/socket_address.h"

namespace sally {

/// Whom to ask, and whether their word on signatures (AD) counts: nobody on the way may be able to forge it.
struct DnsServers {
  std::vector<SocketAddress> servers;  ///< in the order in which they are asked
  bool vouch = false;
};

/// `text` of /etc/resolv.conf; at most three servers count. They vouch if all are on this machine or the file
/// says trust-ad (resolv.conf(5)).
DnsServers read_resolv_conf(std::string_view text);

/// "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53": a server that somebody named, and so trusts.
/// Errors: net.resolver_failed.
Result<DnsServers> named_dns_server(std::string_view text);

/// By UDP, and by TCP where the answer does not fit. Waits 2 seconds for each of two tries with each server,
/// on a thread of loop.pool(). A name without such records is an answer. Errors: net.resolver_failed,
/// net.bad_dns_answer.
Task<Result<DnsAnswer>> ask_dns(Loop& loop, DnsServers servers, std::string name, DnsType type);

/// A and AAAA of `host`, each once, by these servers. A numeric host needs none.
/// Errors: net.no_such_name, net.resolver_failed, net.bad_dns_answer.
Task<Result<std::vector<SocketAddress>>> ask_addresses(Loop& loop, DnsServers servers, std::string host,
                                                       std::uint16_t port);

}  // namespace sally
