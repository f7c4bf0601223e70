#include "proto/first_datagram.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  using Role = proto::DatagramRole;
  const Bytes all(reinterpret_cast<const std::byte*>(bytes), size);
  [[maybe_unused]] const Role vpn = proto::openvpn_role(all);
  const Role both = proto::ike_role(all, 1), second = proto::ike_role(all, 2);
  // Who takes less takes nothing else.
  if (second != Role::other && second != both) std::abort();
  const Role old = proto::nat_traversal_role(all, 1), now = proto::nat_traversal_role(all, 2);
  if (now != Role::other && now != old) std::abort();
  if (both == Role::keepalive) std::abort();
  return 0;
}
