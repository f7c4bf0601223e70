#include "os/descriptor_message.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sally {
namespace {

struct DescriptorMessage : testing::Test {
  DescriptorMessage() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
    here = Fd(ends[0]);
    there = Fd(ends[1]);
  }
  Fd here, there;
  char bytes[8] = {};
};

TEST_F(DescriptorMessage, CarriesTheSameFileUnderAnotherNumber) {
  const Fd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(send_with_descriptor(here.get(), "ab", 2, file.get()), 2);
  const MessageTaken taken = receive_with_descriptor(there.get(), bytes, sizeof bytes);
  ASSERT_EQ(taken.size, 2);
  EXPECT_EQ(bytes[1], 'b');
  ASSERT_GE(taken.fd.get(), 0);
  EXPECT_NE(taken.fd.get(), file.get());
  EXPECT_NE(::fcntl(taken.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  struct stat sent = {}, got = {};
  ASSERT_EQ(::fstat(file.get(), &sent), 0);
  ASSERT_EQ(::fstat(taken.fd.get(), &got), 0);
  EXPECT_EQ(sent.st_ino, got.st_ino);
}

TEST_F(DescriptorMessage, MayCarryNone) {
  ASSERT_EQ(send_with_descriptor(here.get(), "a", 1, -1), 1);
  const MessageTaken taken = receive_with_descriptor(there.get(), bytes, sizeof bytes);
  EXPECT_EQ(taken.size, 1);
  EXPECT_LT(taken.fd.get(), 0);
}

TEST_F(DescriptorMessage, TellsTheEnd) {
  here.reset();
  EXPECT_EQ(receive_with_descriptor(there.get(), bytes, sizeof bytes).size, 0);
  EXPECT_EQ(send_with_descriptor(there.get(), "a", 1, -1), -1) << "and raises no signal";
}

}  // namespace
}  // namespace sally
