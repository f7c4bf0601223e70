#include "os/limits.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

namespace sally {

Result<std::uint64_t> raise_file_limit(std::uint64_t wanted) {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0) return fail_errno(errno, "read", "the limit of open files");
  if (now.rlim_cur >= wanted) return now.rlim_cur;
  const rlimit both{wanted, std::max<rlim_t>(wanted, now.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &both) == 0) return wanted;
  const rlimit soft{std::min<rlim_t>(wanted, now.rlim_max), now.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &soft) != 0) return fail_errno(errno, "raise", "the limit of open files");
  return soft.rlim_cur;
}

}  // namespace sally
