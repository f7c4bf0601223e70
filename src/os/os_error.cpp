#include "os/os_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace sally {

const ErrorKind& kind_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
      return kNotFound;
    case EACCES:
    case EPERM:
      return kNoPermission;
    case EISDIR:
      return kIsFolder;
    case ENOTDIR:
      return kNotFolder;
    case ENOSPC:
    case EDQUOT:
      return kNoSpace;
    case EROFS:
      return kReadOnly;
    case EMFILE:
    case ENFILE:
      return kTooManyFiles;
    case ELOOP:
      return kLinkLoop;
    case EFBIG:
      return kFileTooLarge;
    default:
      return kSystemCall;
  }
}

std::string errno_text(int error_number) {
  const char* text = strerrordesc_np(error_number);
  return text ? text : fmt::format("errno {}", error_number);
}

std::unexpected<Error> fail_errno(int error_number, std::string_view doing, std::string_view what,
                                  std::source_location raised) {
  return fail(kind_of_errno(error_number),
              fmt::format("cannot {} {}: {}", doing, what, errno_text(error_number)), raised);
}

}  // namespace sally
