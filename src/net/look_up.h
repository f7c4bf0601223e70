// net/look_up.h - from a host to its addresses, by the system's resolver, without stopping the loop.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "loop/loop.h"
#include "loop/task.h"
#include "net/socket_address.h"

namespace sally {

inline constexpr ErrorKind kNoSuchName{"net.no_such_name",
                                       Blame::operator_config,
                                       Retry::later,
                                       "the name has no address",
                                       "check the spelling, and the name's A and AAAA records",
                                       "",
                                       -1,
                                       502};
inline constexpr ErrorKind kResolverFailed{"net.resolver_failed",
                                           Blame::system,
                                           Retry::later,
                                           "the name could not be looked up",
                                           "check that this machine reaches its DNS resolver",
                                           "",
                                           -1,
                                           502};

/// All stream addresses of a host, each once, in the order of preference of RFC 6724. A numeric host needs no
/// resolver. Runs on a thread of loop.pool(), for as long as the system's resolver is patient.
/// Errors: net.no_such_name, net.resolver_failed.
Task<Result<std::vector<SocketAddress>>> look_up(Loop& loop, std::string host, std::uint16_t port);

}  // namespace sally
