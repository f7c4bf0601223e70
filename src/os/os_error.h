// os/os_error.h - from errno to an error that names the thing, the cause and the mend.
#pragma once
#include <source_location>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sally {

inline constexpr ErrorKind kNotFound{"os.not_found",
                                     Blame::operator_config,
                                     Retry::later,
                                     "there is no such file or folder",
                                     "create it, or correct the path",
                                     "",
                                     -1,
                                     404};
inline constexpr ErrorKind kNoPermission{
    "os.no_permission",
    Blame::operator_config,
    Retry::later,
    "the system does not permit it to this user",
    "give the user that runs Sallyport the right to it, or run as another user",
    "",
    -1,
    403};
inline constexpr ErrorKind kIsFolder{"os.is_a_folder",
                                     Blame::operator_config,
                                     Retry::never,
                                     "a folder stands where a file is wanted",
                                     "name a file",
                                     "",
                                     -1,
                                     0};
inline constexpr ErrorKind kNotFolder{"os.not_a_folder",
                                      Blame::operator_config,
                                      Retry::never,
                                      "a file stands where a folder is wanted",
                                      "name a folder",
                                      "",
                                      -1,
                                      0};
inline constexpr ErrorKind kNoSpace{"os.no_space",
                                    Blame::system,
                                    Retry::later,
                                    "the disk or the quota is full",
                                    "free space on the file system of the path in the detail",
                                    "",
                                    -1,
                                    507};
inline constexpr ErrorKind kReadOnly{"os.read_only",
                                     Blame::system,
                                     Retry::later,
                                     "the file system is read-only",
                                     "remount it, or choose another folder",
                                     "",
                                     -1,
                                     500};
inline constexpr ErrorKind kTooManyFiles{"os.too_many_files",
                                         Blame::system,
                                         Retry::later,
                                         "the process or the system has no file descriptor left",
                                         "raise LimitNOFILE or fs.file-max",
                                         "",
                                         -1,
                                         503};
inline constexpr ErrorKind kLinkLoop{"os.link_loop",
                                     Blame::operator_config,
                                     Retry::never,
                                     "symbolic links lead in a circle",
                                     "correct the link",
                                     "",
                                     -1,
                                     404};
inline constexpr ErrorKind kFileTooLarge{"os.file_too_large",
                                         Blame::operator_config,
                                         Retry::never,
                                         "the file is larger than anything that belongs there",
                                         "name the right file",
                                         "",
                                         -1,
                                         0};
inline constexpr ErrorKind kSystemCall{"os.call_failed",
                                       Blame::system,
                                       Retry::later,
                                       "the system refused a call",
                                       "look up the cause in the detail",
                                       "",
                                       -1,
                                       500};

/// The row that fits `error_number`, os.call_failed for those without one.
const ErrorKind& kind_of_errno(int error_number);

/// "cannot read /x/y: Permission denied". `doing` is a verb: "read", "create"; `what` the file or thing.
std::unexpected<Error> fail_errno(int error_number, std::string_view doing, std::string_view what,
                                  std::source_location raised = std::source_location::current());

/// "Permission denied", of any thread.
std::string errno_text(int error_number);

}  // namespace sally
