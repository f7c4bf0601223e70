// proto/dialogue_fuzz.h - drives a dialogue with a hostile server's bytes, in pieces of every size.
#pragma once
#include <cstdlib>
#include <span>

#include "base/bytes.h"
#include "proto/dialogue.h"

namespace sally::proto {

/// The first byte is the size of the pieces; the rest is what the server says.
inline int drive(std::unique_ptr<Dialogue> dialogue, std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return 0;
  const std::size_t piece = std::size_t{1} + bytes.front();
  Bytes left = as_bytes(bytes.subspan(1));
  Buffer in(std::size_t{1} << 20);
  for (unsigned steps = 0;; ++steps) {
    if (steps > bytes.size() + 8) std::abort();  // it neither ends nor waits
    const std::size_t before = in.size();
    const auto step = dialogue->step(in);
    if (!step || step->next != DialogueStep::Next::bytes) return 0;
    if (!step->send.empty()) continue;
    if (in.size() != before && in.size() > before) std::abort();
    if (left.empty()) return 0;
    const Bytes now = left.first(std::min(piece, left.size()));
    left = left.subspan(now.size());
    if (!in.append(now)) return 0;
  }
}

}  // namespace sally::proto
