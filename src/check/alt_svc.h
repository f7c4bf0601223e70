// check/alt_svc.h - reads Alt-Svc: where else the same content is served, such as by HTTP/3.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sally::check {

struct AltService {
  std::string protocol;  ///< the ALPN id, "h3"
  std::string host;      ///< empty: the same host
  std::uint16_t port = 0;
  std::uint64_t max_age = 86400;  ///< seconds
};

struct AltSvc {
  std::vector<AltService> services;
  bool clear = false;  ///< everything that was told before is void
  bool valid = true;   ///< false: it breaks its grammar, and browsers ignore it
};

/// source  RFC 7838 3
AltSvc parse_alt_svc(std::string_view value);

}  // namespace sally::check
