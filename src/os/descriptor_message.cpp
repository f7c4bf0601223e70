#include "os/descriptor_message.h"

#include <sys/socket.h>

#include <cstring>

namespace sally {
namespace {

union DescriptorRoom {  // aligned as cmsg(3) wants it
  cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

}  // namespace

ssize_t send_with_descriptor(int channel, const void* bytes, std::size_t size, int fd) {
  iovec part{const_cast<void*>(bytes), size};
  DescriptorRoom room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = room.bytes;
    message.msg_controllen = sizeof room.bytes;
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return ::sendmsg(channel, &message, MSG_NOSIGNAL);
}

MessageTaken receive_with_descriptor(int channel, void* bytes, std::size_t size) {
  iovec part{bytes, size};
  DescriptorRoom room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.bytes;
  message.msg_controllen = sizeof room.bytes;
  MessageTaken out;
  out.size = ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
  if (out.size < 0) return out;
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    out.fd = Fd(fd);
  }
  return out;
}

}  // namespace sally
