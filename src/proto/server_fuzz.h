// proto/server_fuzz.h - drives a server's part with a hostile client's bytes, and what stands between with a
// hostile backend's, in pieces of every size.
#pragma once
#include <cstdlib>
#include <span>

#include "base/bytes.h"
#include "proto/server_side.h"

namespace sally::proto {

/// The first byte is the size of the pieces; the rest is what the client says, before TLS and inside it, or
/// the backend inside it.
inline int drive(const ServerSide& side, std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const std::size_t piece = std::size_t{1} + bytes.front();
  const std::string_view all = as_text(as_bytes(bytes.subspan(1)));
  const auto dialogue = side.dialogue({.name = "here.example"});
  Buffer in(std::size_t{1} << 20);
  dialogue->greeting();
  for (std::string_view left = all; !left.empty();) {
    const std::string_view now = left.substr(0, piece);
    left.remove_prefix(now.size());
    if (!in.append(now)) std::abort();
    const auto step = dialogue->step(in);
    if (!step || step->next != ServerStep::Next::bytes) break;
  }
  if (side.between == nullptr) return 0;
  const auto between = side.between();
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += piece) {
    between->from_client(all.substr(at, piece));
    between->from_backend(all.substr(at, piece), out);
    if (out.size() > at + piece) std::abort();  // it makes nothing up
  }
  between->backend_ended(out);
  if (out.size() > all.size()) std::abort();
  return 0;
}

}  // namespace sally::proto
