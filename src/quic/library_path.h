// quic/library_path.h - a path as ngtcp2 writes it, and as we do.
#pragma once
#include <ngtcp2/ngtcp2.h>

#include "quic/path.h"

namespace sally::quic {

inline ngtcp2_addr address_of(const SocketAddress& a) { return {const_cast<sockaddr*>(a.get()), a.length()}; }
/// Valid as long as `p`.
inline ngtcp2_path path_of(const Path& p) { return {address_of(p.local), address_of(p.remote), nullptr}; }
inline Path path_from(const ngtcp2_path& p) {
  return {SocketAddress(p.local.addr, p.local.addrlen), SocketAddress(p.remote.addr, p.remote.addrlen)};
}

}  // namespace sally::quic
