// load/plan.h - what is to be asked, of whom, how often, and for how long.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "crypto/trust_store.h"

namespace sally::load {

// clang-format off
inline constexpr ErrorKind kBadUrl{"load.bad_url", Blame::operator_config, Retry::never,
    "this is no URL that can be put under load",
    "write it like https://localhost:8443/path or http://127.0.0.1:8080/", "RFC 9110 4.2", -1, 0};
inline constexpr ErrorKind kBadPlan{"load.bad_plan", Blame::operator_config, Retry::never,
    "the load cannot be made as it was asked for", "read the reason in the detail", "", -1, 0};
inline constexpr ErrorKind kNotOurs{"load.not_ours", Blame::operator_config, Retry::never,
    "load is sent to an address of the public internet only by whoever owns the server",
    "if it is yours, or you may do this, say --i-own-this; otherwise ask for at most 10 requests over 2 "
    "connections", "", -1, 0};
// clang-format on

struct LoadUrl {
  bool secure = true;
  std::string host;  ///< a name or an address without brackets, in lower case
  std::uint16_t port = 443;
  std::string authority;  ///< as Host names it: "localhost:8443"
  std::string path;       ///< with query; begins with '/'

  bool same_origin(const LoadUrl& o) const { return secure == o.secure && host == o.host && port == o.port; }
  std::string text() const;
};

/// "https://example.com/path?query"; without a scheme https is meant. A fragment is dropped.
/// Errors: load.bad_url.
Result<LoadUrl> parse_load_url(std::string_view text);

/// Which version of HTTP.
enum class Speech : std::uint8_t { negotiated, http1, http2, http3 };
/// Whether connections are what is counted, and of which kind.
enum class Handshakes : std::uint8_t { none, full, resumed };

struct Plan {
  std::vector<LoadUrl> urls;  ///< at least one; those of one origin are asked in turns
  unsigned connections = 10, threads = 1;
  unsigned streams = 1;        ///< requests at once on a connection of HTTP/2 or 3
  unsigned pipeline = 1;       ///< likewise of HTTP/1.1 (RFC 9112 9.3.2)
  double rate = 0;             ///< requests, or handshakes, a second of all threads; 0: as fast as possible
  std::uint64_t requests = 0;  ///< how many in all; 0: until `duration` is over
  std::uint64_t requests_per_connection = 0;  ///< then it is closed and a new one made; 0: it is kept
  std::chrono::milliseconds duration{10'000}, warm_up{0}, timeout{30'000};
  std::chrono::milliseconds hold{0};  ///< how long connections stay open and idle after the last request

  std::string method = "GET", body = {};
  std::vector<std::pair<std::string, std::string>> fields = {};  ///< as given; a "Host" replaces the URL's

  Speech speech = Speech::negotiated;
  Handshakes handshakes = Handshakes::none;
  std::string groups = {};                     ///< "X25519MLKEM768:X25519"; empty: as browsers offer them
  std::vector<std::uint16_t> signatures = {};  ///< that are accepted; empty: the library's
  bool verify = true;
  std::vector<const crypto::TrustStore*> roots = {};  ///< any of them vouches; must outlive the run
  std::string connect_to = {};                        ///< a numeric address instead of the names'
  bool ours = false;                                  ///< the server is the caller's: --i-own-this

  /// Or else requests, whatever connections they need.
  bool counts_handshakes() const { return handshakes != Handshakes::none && requests_per_connection == 0; }
  /// A connection is made when its first request, or its handshake, is due; else all are at once.
  bool connects_when_due() const {
    return counts_handshakes() || requests_per_connection != 0 || hold.count() != 0;
  }
};

/// At most 10 requests over 2 connections: what anybody may send to anybody.
bool is_trickle(const Plan& plan);

/// Whether the plan's numbers, fields and method go together. Errors: load.bad_plan.
Result<> check_plan(const Plan& plan);

/// This machine, or a network that is not routed on the internet: loopback, private (RFC 1918, RFC 4193),
/// link-local, shared (RFC 6598). `address` is numeric.
bool is_near(std::string_view address);

}  // namespace sally::load
