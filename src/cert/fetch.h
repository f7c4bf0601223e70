// cert/fetch.h - connects to an endpoint and brings back the certificates that it shows.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"

namespace sally::cert {

inline constexpr ErrorKind kBadEndpoint{"cert.bad_endpoint",
                                        Blame::operator_config,
                                        Retry::never,
                                        "this is no host, host:port or https URL",
                                        "write it like example.com, example.com:8443 or [2001:db8::1]:443",
                                        "",
                                        -1,
                                        0};
inline constexpr ErrorKind kNoAddress{"cert.no_address",
                                      Blame::operator_config,
                                      Retry::later,
                                      "the name has no address",
                                      "check the spelling, and the name's A and AAAA records",
                                      "",
                                      -1,
                                      0};
inline constexpr ErrorKind kCannotConnect{"cert.cannot_connect",
                                          Blame::upstream,
                                          Retry::later,
                                          "no connection could be made",
                                          "check that the server runs, its port, and firewalls between",
                                          "",
                                          -1,
                                          0};
inline constexpr ErrorKind kFetchTimeout{"cert.timeout",
                                         Blame::upstream,
                                         Retry::later,
                                         "the endpoint did not answer in time",
                                         "check that the port speaks TLS, and firewalls between",
                                         "",
                                         -1,
                                         0};
inline constexpr ErrorKind kNoHandshake{"cert.handshake_failed",
                                        Blame::upstream,
                                        Retry::never,
                                        "the TLS handshake failed before a certificate was shown",
                                        "read the reason in the detail",
                                        "RFC 8446 4",
                                        -1,
                                        0};

struct Endpoint {
  std::string host;  ///< a name or an address without brackets
  std::uint16_t port = 443;
};

/// Reads "host", "host:port", "[v6]:port", a bare IPv6 address, or "https://host:port/path".
/// Errors: cert.bad_endpoint.
Result<Endpoint> parse_endpoint(std::string_view text);

/// How the handshake went, in words.
struct Handshake {
  std::string address;  ///< that answered, with port
  std::string version;  ///< "TLSv1.3"
  std::string suite;    ///< "TLS_AES_128_GCM_SHA256"
  std::string group;    ///< "X25519MLKEM768", empty without one
  std::string alpn;     ///< "h2", empty without one
};

struct Fetched {
  std::vector<crypto::Certificate> certificates;  ///< as the server sent them
  Handshake handshake;
};

/// Tries the addresses of the host in turn until one connects; then one handshake, TLS 1.0 to 1.3, with SNI
/// unless the host is an address. The certificates are not judged here. Blocks for at most `patience` beside
/// the look-up of the name. Errors: cert.no_address, cert.cannot_connect, cert.timeout,
/// cert.handshake_failed.
Result<Fetched> fetch_certificates(const Endpoint& endpoint,
                                   std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace sally::cert
