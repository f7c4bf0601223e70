// os/privileges.h - from root to a user who can do little.
#pragma once
#include <sys/types.h>

#include <string>

#include "base/error.h"
#include "os/os_error.h"

namespace sally {

inline constexpr ErrorKind kNoSuchUser{"os.no_such_user",
                                       Blame::operator_config,
                                       Retry::never,
                                       "there is no such user or group",
                                       "create it, for example: useradd --system --no-create-home sallyport",
                                       "",
                                       -1,
                                       0};
inline constexpr ErrorKind kStillPrivileged{"os.still_privileged",
                                            Blame::system,
                                            Retry::never,
                                            "rights were given up, but the system still grants them",
                                            "report the detail to the maintainers",
                                            "",
                                            -1,
                                            0};

struct Account {
  uid_t user = 0;
  gid_t group = 0;
  std::string name;
  std::string home;
};

/// Looks up `user` ("www-data" or "33"); an empty `group` means the user's own. Errors: os.no_such_user.
Result<Account> find_account(const std::string& user, const std::string& group = {});

/// Makes this process `account` for good: groups, group and user, no capability but CAP_NET_BIND_SERVICE if
/// `keep_ports` (so that a reload can bind below 1024), and no new privileges by exec. Call it as root and
/// before any thread is started, because capabilities belong to threads.
/// Errors: os.no_permission (not root), os.still_privileged, os.call_failed.
Result<> become(const Account& account, bool keep_ports);

/// As become(), but what is kept is the right to read and find every file (CAP_DAC_READ_SEARCH): for a
/// process that does nothing else. Errors: as become(), and os.no_permission where the system withholds that
/// right.
Result<> become_reader(const Account& account);

/// The calling thread alone gives up every capability: for threads that open no ports. Errors:
/// os.call_failed.
Result<> drop_capabilities_of_thread();

/// Only "no new privileges": for a process that never was root.
Result<> forbid_new_privileges();

}  // namespace sally
