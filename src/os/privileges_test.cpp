#include "os/privileges.h"

#include <gtest/gtest.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "os/in_child_fixture.h"

namespace sally {
namespace {

TEST(Privileges, UnknownAccountIsNamed) {
  const auto nobody = find_account("no-such-user-here");
  ASSERT_FALSE(nobody);
  EXPECT_NE(nobody.error().text().find("no-such-user-here"), std::string::npos);
  EXPECT_EQ(find_account("root", "no-such-group").error().kind().id, "os.no_such_user");
  EXPECT_EQ(find_account("0")->name, "root");
}

int dropped(bool keep_ports) {
  const auto account = find_account("nobody");
  if (!account || !become(*account, keep_ports)) return 1;
  if (::geteuid() == 0 || ::getegid() == 0 || ::setuid(0) == 0) return 2;
  if (::getgroups(0, nullptr) > 1) return 3;
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 4;
  const cap_t caps = ::cap_get_proc();
  cap_flag_value_t bind = CAP_CLEAR, other = CAP_CLEAR;
  ::cap_get_flag(caps, CAP_NET_BIND_SERVICE, CAP_EFFECTIVE, &bind);
  ::cap_get_flag(caps, CAP_DAC_OVERRIDE, CAP_PERMITTED, &other);
  ::cap_free(caps);
  if ((bind == CAP_SET) != keep_ports || other == CAP_SET) return 5;
  return ::access("/etc/shadow", R_OK) == 0 ? 6 : 0;
}

TEST(Privileges, BecomesNobodyForGood) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_child([] { return dropped(true); }), 0);
  EXPECT_EQ(in_child([] { return dropped(false); }), 0);
}

TEST(Privileges, OnlyRootCanChange) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_child([] {
              if (!become(*find_account("nobody"), false)) return 1;
              const auto again = become(*find_account("daemon"), false);
              return !again && again.error().kind().id == "os.no_permission" ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace sally
