// handler/address_range_value.h - ranges of addresses as values in a configuration.
#pragma once
#include <string>

#include "config/values.h"
#include "net/address_range.h"

namespace sally::handler {

/// "10.0.0.0/8", "2001:db8::/32", or one address.
struct AddressRangeValue {
  bool read(const config::Node& node, AddressRange& out, const config::Spot& at) const {
    const auto range = AddressRange::parse(config::word_of(node).value_or(""));
    if (!range) return at.bad(node, node.shown() + " is no range of addresses; write \"10.0.0.0/8\"");
    out = *range;
    return true;
  }
  std::string type() const { return "address range"; }
  std::string range() const { return "\"10.0.0.0/8\", \"2001:db8::/32\""; }
  std::string show(const AddressRange& value) const { return '"' + value.text() + '"'; }
};

}  // namespace sally::handler
