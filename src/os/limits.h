// os/limits.h - what the system allows this process.
#pragma once
#include <cstdint>

#include "base/error.h"
#include "os/os_error.h"

namespace sally {

/// Raises the number of descriptors this process may open to `wanted`, or as near as the hard limit lets it;
/// root raises the hard limit as well. Returns the limit that is now in force. Errors: os.call_failed.
Result<std::uint64_t> raise_file_limit(std::uint64_t wanted);

}  // namespace sally
