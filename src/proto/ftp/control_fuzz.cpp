#include "proto/ftp/control.h"

#include <cstdlib>
#include <span>

#include "base/bytes.h"

using namespace sally;

/// The first byte is the size of the pieces, which belong to client and server in turn.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{1} + bytes[0];
  const std::string_view all = as_text(as_bytes(std::span(bytes + 1, size - 1)));
  ftp::Inside inside;
  Buffer said(std::size_t{1} << 20), answers(std::size_t{1} << 20);
  bool client = true;
  for (std::size_t at = 0; at < all.size(); at += piece, client = !client) {
    if (!(client ? said : answers).append(all.substr(at, piece))) std::abort();
    const auto moves = inside.step(said, answers);
    if (!moves) return 0;
    if (!moves->passive) continue;
    if (moves->passive->server_port == 0) std::abort();
    inside.opened("192.0.2.1", 1024);
  }
  return 0;
}
