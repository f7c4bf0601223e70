#include "gateway/relay/tunnel.h"

#include <algorithm>
#include <utility>

namespace sally::gateway {
namespace {

constexpr int kRoundsOfATurn = 16;  ///< a fast pair must not starve its neighbours

}  // namespace

Tunnel::Tunnel(Core& core, ClientEnd& client, FarEnd& far, const RelayTarget& terms, RelayCounts& counts,
               proto::Between* between)
    : core_(core),
      client_(client),
      far_(far),
      terms_(terms),
      counts_(counts),
      between_(between),
      up_(std::max(terms.buffer_bytes, Core::kInBytes) + Core::kRecordBytes),
      moved_at_(core.loop.now()) {
  counts_.begun.add();
}

Tunnel::~Tunnel() {
  count();
  counts_.ended.add();
}

void Tunnel::count() {
  counts_.bytes_in.add(up_bytes_ - std::exchange(up_counted_, up_bytes_));
  counts_.bytes_out.add(down_bytes_ - std::exchange(down_counted_, down_bytes_));
}

void Tunnel::ends(End who) {
  if (first_ == End::none) first_ = who;
}

std::uint8_t Tunnel::wanted() const {
  std::uint8_t wanted = 0;
  if (client_.unsent()) wanted |= Stream::kWritable;
  if (!client_ended_ && up_.empty()) wanted |= Stream::kReadable;
  return wanted;
}

Deadline Tunnel::deadline() const {
  const bool half = client_ended_ || far_ended_;
  return moved_at_ + (half ? std::min(terms_.half_closed_timeout, terms_.idle_timeout) : terms_.idle_timeout);
}

Task<Result<Unit>> Tunnel::run() {
  for (;;) {
    bool moved = true, ever = false;
    for (int round = 0; moved && round < kRoundsOfATurn; ++round) {
      CO_TRY(const bool upwards, up());
      CO_TRY(const bool downwards, down());
      if (over()) co_return Unit{};
      moved = upwards || downwards;
      ever = ever || moved;
    }
    if (ever) moved_at_ = core_.loop.now();
    count();
    if (moved) client_.stream().wake();  // gives way to the others
    const std::uint8_t why = co_await client_.stream().until(moved ? 0 : wanted(), deadline());
    core_.tick();
    if (why & Stream::kTimedOut && core_.loop.now() >= deadline()) co_return fail(kRelayIdle);
  }
}

// --- from the client to the backend

/// True: something moved.
Result<bool> Tunnel::up() {
  TRY(bool moved, send_up());
  if (!up_.empty() || up_closed_) return moved;
  if (!client_.held().empty() && !client_ended_) {
    TRY(const std::size_t used, take(client_.held().readable()));
    client_.held().consume(used);
    client_.held().release_if_empty();
    return moved || used != 0;
  }
  if (client_ended_) return end_up();
  const std::size_t most = std::min<std::size_t>(core_.in.size(), terms_.buffer_bytes);
  auto heard = client_.stream().read_now(std::span(core_.in).first(most));
  // It has all that there was for it: one that leaves without looking back has not broken anything off.
  if (!heard && down_closed_) heard = std::size_t{0};
  TRY(const auto n, std::move(heard));
  if (!n) return moved;
  if (*n == 0) {
    client_ended_ = true;
    ends(End::client);
    return true;
  }
  const Bytes fresh = Bytes(core_.in).first(*n);
  TRY(const std::size_t used, take(fresh));
  if (used < fresh.size()) TRY_VOID(client_.held().append(fresh.subspan(used)));
  return true;
}

/// How much of `in` was used: all of it, unless the backend is full.
Result<std::size_t> Tunnel::take(Bytes in) {
  auto& tls = client_.tls();
  if (!tls) {
    TRY_VOID(pass_up(in));
    return in.size();
  }
  core_.tls.in = in;
  while (up_.empty() && !client_ended_) {
    auto received = tls->read(core_.plain, core_.loop.now());
    if (!received) {
      [[maybe_unused]] const Result<> sent = client_.flush();  // the alert that says why (RFC 8446 6.2)
      return std::unexpected(std::move(received).error());
    }
    const tls::ServerSession::Read read = *received;
    if (read.end) {
      client_ended_ = true;
      ends(End::client);
    }
    if (read.size == 0) break;
    TRY_VOID(pass_up(Bytes(core_.plain).first(read.size)));
    if (core_.tls.in.empty() && read.size < core_.plain.size()) break;  // the library reads not ahead
  }
  TRY_VOID(client_.flush());  // new keys may have been asked for
  return in.size() - core_.tls.in.size();
}

Result<> Tunnel::pass_up(Bytes plain) {
  up_bytes_ += plain.size();
  if (between_ != nullptr) between_->from_client(as_text(plain));
  if (far_.refuses()) return {};  // it hears nothing any more, but may still have something to say
  const std::size_t n = far_.writable() ? far_.write_now(plain) : 0;
  if (n == plain.size() || far_.refuses()) return {};
  return up_.append(plain.subspan(n));
}

Result<bool> Tunnel::send_up() {
  if (up_.empty() || !far_.writable()) return false;
  const std::size_t n = far_.write_now(up_.readable());
  up_.consume(far_.refuses() ? up_.size() : n);
  up_.release_if_empty();
  return n != 0 || far_.refuses();
}

Result<bool> Tunnel::end_up() {
  far_.end_sending();
  up_closed_ = true;
  return true;
}

// --- from the backend to the client

/// True: something moved.
Result<bool> Tunnel::down() {
  bool moved = false;
  if (client_.unsent()) {
    if (!client_.stream().writable()) return false;
    TRY(const std::size_t n, client_.send_unsent());
    moved = n != 0;
    if (client_.unsent()) return moved;
  }
  if (down_closed_) return moved;
  if (far_ended_) return end_down();
  if (!far_.readable()) return moved;
  const std::uint64_t before = down_bytes_;
  TRY_VOID(read_down());
  TRY_VOID(client_.flush());
  return moved || down_bytes_ != before || far_ended_;
}

/// nullopt: nothing is there now. 0: the end, which is noted.
Result<std::optional<std::size_t>> Tunnel::hear_far(std::span<std::byte> room) {
  auto n = far_.read_now(room);
  if (!n) {
    TRY_VOID(client_.flush());  // what came before the break is the client's
    return std::unexpected(
        Error(kBackendBroke, WirePos{}, {}, std::source_location::current()).because(std::move(n).error()));
  }
  if (*n) down_bytes_ += **n;
  if (*n && **n == 0) {
    far_ended_ = true;
    ends(End::backend);
  }
  return *n;
}

/// One read: straight to the client, or sealed into the core's output.
Result<> Tunnel::read_down() {
  const bool direct = !client_.tls() && between_ == nullptr;
  const std::size_t most = std::min<std::size_t>(core_.in.size(), terms_.buffer_bytes);
  const std::size_t room = direct ? most : std::min(most, core_.out.room());
  if (room == 0) return {};
  TRY(const auto n, hear_far(std::span(core_.in).first(room)));
  if (!n) return {};
  const Bytes plain = Bytes(core_.in).first(*n);
  if (!direct) return give(plain);
  return plain.empty() ? Result<>{} : client_.pass(plain);
}

/// Into the core's output.
Result<> Tunnel::give(Bytes plain) {
  std::string changed;
  if (between_ != nullptr) {
    if (far_ended_)
      between_->backend_ended(changed);
    else
      between_->from_backend(as_text(plain), changed);
    plain = as_bytes(std::string_view(changed));
  }
  if (!client_.tls()) {
    if (!plain.empty()) core_.out.append(plain);
    return {};
  }
  while (!plain.empty()) {
    const Bytes record = plain.first(std::min(plain.size(), Core::kRecordBytes));
    TRY_VOID(client_.tls()->write(record));
    plain = plain.subspan(record.size());
  }
  return {};
}

Result<bool> Tunnel::end_down() {
  if (client_.tls() && !std::exchange(close_said_, true)) client_.tls()->close();
  TRY_VOID(client_.flush());
  if (client_.unsent()) return true;  // the end waits behind it: down() comes back
  client_.stream().shutdown_write();
  down_closed_ = true;
  // A client of TLS that has heard the end answers with its own, or not at all: nobody takes what it says.
  if (client_.tls() && far_.refuses()) up_closed_ = true;
  return true;
}

}  // namespace sally::gateway
