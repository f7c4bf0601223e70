// handler/balance_config.h - the parts of a `proxy` block that are about several backends: which of them is
// asked, who is left alone, who waits.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/block_fwd.h"
#include "upstream/group.h"

namespace sally::handler {

/// What tells requests apart for Policy::hash.
struct HashKey {
  enum class From : std::uint8_t { client, path, header, cookie };
  From from = From::client;
  std::string name;  ///< of the header (lower case) or cookie

  bool operator==(const HashKey&) const = default;
};

struct BalanceConfig {
  upstream::Policy policy = upstream::Policy::round_robin;
  HashKey key;
  std::chrono::milliseconds slow_start{0};

  bool operator==(const BalanceConfig&) const = default;
  static const config::Block<BalanceConfig>& block();
};

/// `sticky = "name"`: a cookie keeps a client at its backend.
struct StickyConfig {
  std::string cookie = "sallyport";
  std::string secret;  ///< "": a random one, for as long as the process lives

  bool operator==(const StickyConfig&) const = default;
  static const config::Block<StickyConfig>& block();
};

/// `health = "/path"`: each backend is asked again and again whether it is well.
struct HealthConfig {
  enum class Kind : std::uint8_t {
    http,      ///< GET path; the status and, if wished, the text must fit
    tcp,       ///< that it takes a connection is enough
    greeting,  ///< what it says is judged by proto/greeting.h
  };
  struct Statuses {
    std::uint16_t first = 200, last = 399;
    bool operator==(const Statuses&) const = default;
  };
  Kind kind = Kind::http;
  std::string path = "/";
  Statuses status;
  std::string contains;  ///< in the first 64 KiB of the body; "": anything
  std::string host;      ///< "": the backend's own address
  bool greeting = true;  ///< a relay's: hear it where the protocol has one
  std::string speaks;    ///< with Kind::greeting: a row of the registry
  std::string first;     ///< likewise, sent before all else: a PROXY protocol header for nobody
  std::chrono::milliseconds interval = std::chrono::seconds(10);
  std::chrono::milliseconds timeout = std::chrono::seconds(5);
  std::uint32_t rise = 2, fall = 3;

  bool operator==(const HealthConfig&) const = default;
  static const config::Block<HealthConfig>& block();
};

struct QueueConfig {
  std::uint32_t requests = 128;  ///< that wait in one worker; 0: none does
  std::chrono::milliseconds timeout = std::chrono::seconds(10);

  bool operator==(const QueueConfig&) const = default;
  static const config::Block<QueueConfig>& block();
};

struct RetryConfig {
  std::uint32_t most = 2;  ///< further backends that one request may try
  std::uint32_t percent = 20, least = 3;

  bool operator==(const RetryConfig&) const = default;
  static const config::Block<RetryConfig>& block();
};

/// All of them. A value in hand is valid.
struct SeveralConfig {
  std::vector<upstream::MemberTerms> to;  ///< each address is an upstream::Address
  BalanceConfig balance;
  std::optional<StickyConfig> sticky;
  upstream::EjectionTerms eject;
  std::optional<HealthConfig> health;
  QueueConfig queue;
  RetryConfig retry;

  bool operator==(const SeveralConfig&) const = default;
};

/// The rows of one backend: `{ to = "10.0.0.1:80", weight = 2 }`.
const config::Block<upstream::MemberTerms>& member_block();
const config::Block<upstream::EjectionTerms>& ejection_block();

}  // namespace sally::handler
