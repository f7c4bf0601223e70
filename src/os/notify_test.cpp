#include "os/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "os/in_child_fixture.h"

namespace sally {
namespace {

TEST(Notify, ReachesTheManagersSocket) {
  EXPECT_FALSE(notify_manager("READY=1")) << "nobody listens";
  std::string folder = testing::TempDir() + "notify-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/s";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const Fd manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(in_child([&] {
              ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
              return notify_manager("READY=1") && notify_reloading() ? 0 : 1;
            }),
            0);
  char got[200];
  ssize_t n = ::recv(manager.get(), got, sizeof got, MSG_DONTWAIT);
  ASSERT_GT(n, 0);
  EXPECT_EQ(std::string(got, static_cast<std::size_t>(n)), "READY=1");
  n = ::recv(manager.get(), got, sizeof got, MSG_DONTWAIT);
  ASSERT_GT(n, 0);
  EXPECT_TRUE(std::string(got, static_cast<std::size_t>(n)).starts_with("RELOADING=1\nMONOTONIC_USEC="));
  ::unlink(path.c_str());
  ::rmdir(folder.c_str());
}

TEST(Notify, TakesInheritedSocketsOnce) {
  EXPECT_EQ(
      in_child([] {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        if (::dup2(listener, 3) != 3) return 1;
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "1", 1);
        ::setenv("LISTEN_FDNAMES", "https", 1);
        auto sockets = inherited_sockets();
        if (!sockets || sockets->size() != 1 || (*sockets)[0].name != "https" || (*sockets)[0].fd.get() != 3)
          return 2;
        const auto again = inherited_sockets();
        return again && again->empty() ? 0 : 3;
      }),
      0);
}

}  // namespace
}  // namespace sally
