// gateway/relay/datagram_check.h - what cannot be seen in one key of a [udp.x] block alone.
#pragma once
#include <vector>

#include "config/reading.h"
#include "gateway/relay/datagram_config.h"

namespace sally::gateway {

/// Records what is wrong, and completes the rest: the addresses of the port and of its backends.
void check_datagrams(std::vector<DatagramPort>& ports, config::Reading& reading);

}  // namespace sally::gateway
