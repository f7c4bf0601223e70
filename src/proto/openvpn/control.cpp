#include "proto/openvpn/control.h"

#include <algorithm>

#include "base/reader.h"

namespace sally::openvpn {
namespace {

constexpr std::size_t kSessionBytes = 8, kMostPayload = 1100, kMostAcks = 4;
constexpr std::uint32_t kFarAhead = 64;  ///< ids beyond the next one that are kept

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

void Control::enqueue(std::uint8_t opcode, std::string_view payload) {
  waiting_.push_back({opcode, next_id_++, std::string(payload)});
}

void Control::say(std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kMostPayload)))
    enqueue(kControl, bytes.substr(0, kMostPayload));
}

/// Opcode, session, and acknowledgements of up to four packets with the session that sent them.
std::string Control::head(std::uint8_t opcode) {
  std::string out(1, static_cast<char>(opcode << 3));
  out += ours_;
  const std::size_t n = theirs_.empty() ? 0 : std::min(to_acknowledge_.size(), kMostAcks);
  out += static_cast<char>(n);
  for (std::size_t i = 0; i < n; ++i) put_u32(out, to_acknowledge_[i]);
  if (n > 0) out += theirs_;
  to_acknowledge_.erase(to_acknowledge_.begin(), to_acknowledge_.begin() + static_cast<std::ptrdiff_t>(n));
  return out;
}

std::vector<std::string> Control::due(TimePoint now, std::chrono::milliseconds again_after) {
  std::vector<std::string> out;
  // Before the answer to the reset only the reset goes out.
  const std::size_t window = std::min(waiting_.size(), open() ? kWindow : std::size_t{1});
  for (std::size_t i = 0; i < window; ++i) {
    Waiting& one = waiting_[i];
    if (one.was_sent && one.sent + again_after > now) continue;
    std::string packet = head(one.opcode);
    put_u32(packet, one.id);
    out.push_back(packet + one.payload);
    one.was_sent = true;
    one.sent = now;
  }
  while (open() && !to_acknowledge_.empty()) out.push_back(head(kAck));
  return out;
}

Deadline Control::next(std::chrono::milliseconds again_after) const {
  Deadline out = kNever;
  for (const Waiting& one : waiting_)
    if (one.was_sent) out = std::min(out, one.sent + again_after);
  return out;
}

Result<> Control::take(std::string_view packet) {
  Reader in(as_bytes(packet), 0);
  TRY(const std::uint8_t first, in.u8("opcode"));
  const unsigned opcode = first >> 3;
  if (opcode != kControl && opcode != kAck && opcode != kHardResetServer)
    return fail(kMalformed, WirePos{0, -1, "opcode"}, std::to_string(opcode));
  TRY(const Bytes session, in.take(kSessionBytes, "session id"));
  TRY(const std::uint8_t acks, in.u8("acknowledgements"));
  std::vector<std::uint32_t> acknowledged;
  for (unsigned i = 0; i < acks; ++i) {
    TRY(const std::uint32_t id, in.u32("acknowledged"));
    acknowledged.push_back(id);
  }
  if (acks > 0) {
    TRY(const Bytes remote, in.take(kSessionBytes, "remote session id"));
    if (as_text(remote) != ours_) return {};
  }
  if (theirs_.empty() && opcode == kHardResetServer)
    theirs_ = as_text(session);
  else if (theirs_ != as_text(session))
    return {};
  std::erase_if(waiting_, [&](const Waiting& one) {
    return one.was_sent && std::ranges::find(acknowledged, one.id) != acknowledged.end();
  });
  if (opcode == kAck) return {};
  TRY(const std::uint32_t id, in.u32("packet id"));
  TRY(const Bytes payload, in.take(in.left(), "payload"));
  return accept(id, as_text(payload));
}

Result<> Control::accept(std::uint32_t id, std::string_view payload) {
  if (id - expected_ > kFarAhead && id >= expected_) return {};
  // One that came twice was not acknowledged in time.
  if (std::ranges::find(to_acknowledge_, id) == to_acknowledge_.end() && to_acknowledge_.size() < kFarAhead)
    to_acknowledge_.push_back(id);
  if (id < expected_) return {};
  early_.try_emplace(id, payload);
  for (auto it = early_.find(expected_); it != early_.end(); it = early_.find(expected_)) {
    heard_ += it->second;
    early_.erase(it);
    ++expected_;
  }
  return {};
}

}  // namespace sally::openvpn
