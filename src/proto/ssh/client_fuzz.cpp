#include "proto/ssh/client.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

using namespace sally;

namespace {

/// The first byte is the size of the pieces; the rest is what the server says.
void drive(ssh::Client client, std::span<const std::uint8_t> bytes) {
  const std::size_t piece = std::size_t{1} + bytes.front();
  Bytes left = as_bytes(bytes.subspan(1));
  Buffer in(std::size_t{1} << 20);
  for (;;) {
    const std::size_t before = in.size();
    const auto step = client.step(in);
    if (!step || step->done) return;
    if (in.size() > before) std::abort();
    if (left.empty()) return;
    const Bytes now = left.first(std::min(piece, left.size()));
    left = left.subspan(now.size());
    if (!in.append(now)) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  ssh::Wish wish;
  wish.methods = true;
  drive(ssh::Client(std::move(wish)), {bytes, size});
  const std::string_view all = as_text(as_bytes(std::span(bytes, size)));
  (void)ssh::read_host_key(all);
  const std::size_t cut = std::min<std::size_t>(bytes[0], size);
  for (const char* algorithm : {"ssh-ed25519", "rsa-sha2-256", "ecdsa-sha2-nistp256"})
    (void)ssh::is_signed_by(all.substr(0, cut), algorithm, all.substr(cut), "text");
  return 0;
}
