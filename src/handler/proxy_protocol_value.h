// handler/proxy_protocol_value.h - which version of the PROXY protocol is spoken to a backend, as a value.
#pragma once
#include <optional>
#include <string>

#include "config/values.h"
#include "net/proxy_protocol.h"

namespace sally::handler {

/// "off", "v1" or "v2".
struct ProxyProtocolValue {
  static const config::Words<int>& words() {
    static const config::Words<int> kWords{{{"off", 0}, {"v1", 1}, {"v2", 2}}};
    return kWords;
  }
  bool read(const config::Node& node, std::optional<ProxyVersion>& out, const config::Spot& at) const {
    int version = 0;
    if (!words().read(node, version, at)) return false;
    out = version == 0 ? std::nullopt : std::optional(static_cast<ProxyVersion>(version));
    return true;
  }
  std::string type() const { return words().type(); }
  std::string range() const { return ""; }
  std::string show(const std::optional<ProxyVersion>& value) const {
    return words().show(value ? static_cast<int>(*value) : 0);
  }
};

}  // namespace sally::handler
