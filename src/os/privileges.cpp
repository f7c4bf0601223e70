#include "os/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>

#include "base/number.h"

namespace sally {
namespace {

struct FreeCaps {
  void operator()(cap_t caps) const noexcept { ::cap_free(caps); }
};
using Caps = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCaps>;

/// Exactly `kept`, permitted and effective; nothing that exec would hand on.
Result<> set_capabilities(std::span<const cap_value_t> kept) {
  const Caps caps(::cap_init());  // every flag is clear
  if (!caps) return fail_errno(errno, "allocate", "capabilities");
  const int count = static_cast<int>(kept.size());
  if (count > 0 && (::cap_set_flag(caps.get(), CAP_PERMITTED, count, kept.data(), CAP_SET) != 0 ||
                    ::cap_set_flag(caps.get(), CAP_EFFECTIVE, count, kept.data(), CAP_SET) != 0))
    return fail_errno(errno, "choose", "capabilities");
  if (::cap_set_proc(caps.get()) != 0) return fail_errno(errno, "set", "capabilities");
  return {};
}

Result<> check_gone(const Account& account) {
  if (::getuid() != account.user || ::geteuid() != account.user || ::getgid() != account.group ||
      ::getegid() != account.group)
    return fail(kStillPrivileged, "user or group ids are not those asked for");
  if (account.user != 0 && ::setuid(0) == 0) return fail(kStillPrivileged, "setuid(0) works");
  return {};
}

Result<> become_keeping(const Account& account, std::span<const cap_value_t> kept) {
  if (::prctl(PR_SET_KEEPCAPS, kept.empty() ? 0 : 1, 0, 0, 0) != 0)
    return fail_errno(errno, "keep", "capabilities");
  // The order matters: without root the groups could not be changed any more.
  if (::initgroups(account.name.c_str(), account.group) != 0)
    return fail_errno(errno, "join", "groups of " + account.name);
  if (::setresgid(account.group, account.group, account.group) != 0)
    return fail_errno(errno, "become", "group of " + account.name);
  if (::setresuid(account.user, account.user, account.user) != 0)
    return fail_errno(errno, "become", account.name);
  TRY_VOID(set_capabilities(kept));
  if (::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return fail_errno(errno, "drop", "capabilities");
  TRY_VOID(forbid_new_privileges());
  return check_gone(account);
}

}  // namespace

Result<Account> find_account(const std::string& user, const std::string& group) {
  const auto number = parse_number<uid_t>(user);
  const passwd* found = number ? ::getpwuid(*number) : ::getpwnam(user.c_str());
  if (!found) return fail(kNoSuchUser, "user \"" + user + "\"");
  Account out{found->pw_uid, found->pw_gid, found->pw_name, found->pw_dir};
  if (group.empty()) return out;
  const auto group_number = parse_number<gid_t>(group);
  const ::group* entry = group_number ? ::getgrgid(*group_number) : ::getgrnam(group.c_str());
  if (!entry) return fail(kNoSuchUser, "group \"" + group + "\"");
  out.group = entry->gr_gid;
  return out;
}

Result<> become(const Account& account, bool keep_ports) {
  constexpr cap_value_t kBind[] = {CAP_NET_BIND_SERVICE};
  return become_keeping(account, keep_ports ? std::span(kBind) : std::span<const cap_value_t>());
}

Result<> become_reader(const Account& account) {
  constexpr cap_value_t kRead[] = {CAP_DAC_READ_SEARCH};
  return become_keeping(account, kRead);
}

Result<> drop_capabilities_of_thread() { return set_capabilities({}); }

Result<> forbid_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno(errno, "forbid", "new privileges");
  return {};
}

}  // namespace sally
