// check/target.h - what is to be examined: a host, a port, and what is spoken there behind TLS.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "proto/protocol.h"

namespace sally::check {

inline constexpr ErrorKind kBadTarget{
    "check.bad_target",
    Blame::operator_config,
    Retry::never,
    "this is nothing that can be checked",
    "write it like example.com, example.com:8443, https://example.com or smtp://example.com",
    "",
    -1,
    0};

struct Target {
  std::string text;  ///< as it was given
  std::string host;  ///< a name or an address without brackets
  std::uint16_t port = 443;
  const proto::Protocol* protocol = nullptr;  ///< a row of the registry; never null once parsed
  bool is_http = true;                        ///< HTTP is spoken behind TLS
  bool is_literal = false;                    ///< an address: no SNI, no HSTS
  std::string reached_by;                     ///< the host to look up and connect to; empty: `host`

  /// "example.com:443", "[::1]:443"
  std::string endpoint() const;
  /// For SNI: empty for an address, else the host without a last dot (RFC 6066 3).
  std::string server_name() const;
  /// TLS comes in by a dialogue in plain text.
  bool by_starttls() const { return protocol && protocol->entry == proto::TlsEntry::starttls; }
  /// TLS is spoken there sooner or later.
  bool by_tls() const { return !protocol || protocol->entry != proto::TlsEntry::never; }
  /// SSH is spoken there, for logins or for files.
  bool is_ssh() const { return protocol && (protocol->id == "ssh" || protocol->id == "sftp"); }
  /// localhost and its kin, where nobody sends HSTS and no public CA vouches.
  bool is_local_name() const;
};

/// Reads "host", "host:port", "[v6]:port", a bare address, or a URL with the id of a protocol as its scheme
/// (https, smtp, imaps, tls for anything behind TLS). Without a port it is the protocol's first; without a
/// scheme `protocol` counts, else what is usual on the port, else https. Errors: check.bad_target.
Result<Target> parse_target(std::string_view text, const proto::Protocol* protocol = nullptr);

/// The same endpoint, asked for another name: in SNI, in Host, and in what the certificate must cover.
/// Errors: check.bad_target.
Result<Target> asked_as(Target target, std::string_view name);

/// Where a host's port is, whatever DNS says.
struct Resolve {
  std::string host;  ///< in lower case
  std::uint16_t port = 0;
  std::string address;  ///< numeric, without brackets
};
/// "HOST:PORT:ADDRESS", IPv6 in brackets. Errors: check.bad_target.
Result<Resolve> parse_resolve(std::string_view text);

}  // namespace sally::check
