// os/descriptor_message.h - one message over a unix socket that may carry a file descriptor.
#pragma once
#include <sys/types.h>

#include <cstddef>

#include "os/fd.h"

namespace sally {

/// Sends `size` bytes, with a copy of `fd` unless it is negative; the number of bytes sent, or -1 and errno.
///
/// source  unix(7) SCM_RIGHTS, cmsg(3)
ssize_t send_with_descriptor(int channel, const void* bytes, std::size_t size, int fd);

struct MessageTaken {
  ssize_t size = -1;  ///< as of recvmsg(2): 0 at the end, -1 and errno
  Fd fd;              ///< not open where none came
};

/// Takes one message into `bytes`; a descriptor is closed on exec.
MessageTaken receive_with_descriptor(int channel, void* bytes, std::size_t size);

}  // namespace sally
