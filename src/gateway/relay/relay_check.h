// gateway/relay/relay_check.h - what cannot be seen in one key of a [port.x] block alone.
#pragma once
#include <string>

#include "config/reading.h"
#include "gateway/settings_text.h"

namespace sally::gateway {

/// Records what is wrong. path: "port.993".
void check_relay(const PortText& port, const std::string& path, config::Reading& reading);

}  // namespace sally::gateway
