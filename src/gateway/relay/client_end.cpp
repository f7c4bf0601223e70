#include "gateway/relay/client_end.h"

#include <algorithm>

#include "gateway/connection.h"

namespace sally::gateway {

ClientEnd::ClientEnd(Core& core, Fd socket, std::size_t most_held)
    : core_(core),
      stream_(core.loop, std::move(socket)),
      held_(std::max(most_held, Core::kInBytes + Core::kRecordBytes)) {}

Task<Result<bool>> ClientEnd::hear(Deadline by) {
  for (;;) {
    const std::uint8_t why = co_await stream_.until(Stream::kReadable, by);
    core_.tick();
    if (why & Stream::kTimedOut) co_return false;
    if (!(why & Stream::kReadable)) continue;
    CO_TRY(const auto n, stream_.read_now(core_.in));
    if (!n) continue;
    if (*n == 0) co_return fail(kGoneEarly);
    CO_TRY_VOID(held_.append(Bytes(core_.in).first(*n)));
    co_return true;
  }
}

Task<Result<Unit>> ClientEnd::shake_hands(std::shared_ptr<const tls::ServerIdentity> identity,
                                          const tls::Application& inside, Deadline by) {
  CO_TRY(tls_, tls::ServerSession::make(std::move(identity), core_.tls, &inside));
  for (;;) {
    core_.tls.in = held_.readable();
    const Result<bool> done = tls_->handshake();
    held_.consume(held_.size() - core_.tls.in.size());
    held_.release_if_empty();
    CO_TRY_VOID(flush());
    if (!done) co_return fail(done.error().kind(), std::string(done.error().detail()));
    if (*done) co_return Unit{};
    while (unsent()) {
      if (co_await stream_.until(Stream::kWritable, by) & Stream::kTimedOut)
        co_return fail(kHandshakeTimeout);
      core_.tick();
      CO_TRY_VOID(send_unsent());
    }
    CO_TRY(const bool heard, co_await hear(by));
    if (!heard) co_return fail(kHandshakeTimeout);
  }
}

void ClientEnd::refuse(std::uint8_t alert) {
  tls::write_plain_alert(alert, core_.out);
  [[maybe_unused]] const Result<> sent = flush();  // it ends here in any case
}

Result<std::size_t> ClientEnd::send_unsent() {
  if (!unsent()) return std::size_t{0};
  TRY(const std::size_t n, stream_.write_now(unsent_->readable()));
  unsent_->consume(n);
  sent_ += n;
  if (unsent_->empty()) unsent_.reset();
  return n;
}

Result<> ClientEnd::pass(Bytes plain) {
  TRY(const std::size_t taken, stream_.write_now(plain));
  sent_ += taken;
  if (taken == plain.size()) return {};
  unsent_ = std::make_unique<Buffer>(plain.size());
  return unsent_->append(plain.subspan(taken));
}

Result<> ClientEnd::flush() {
  Bytes fresh = core_.out.filled();
  if (fresh.empty()) return {};
  if (!unsent()) {
    auto taken = stream_.write_now(fresh);
    if (!taken) {
      core_.out.clear();  // the core's, not ours: it must never reach the next client
      return std::unexpected(std::move(taken).error());
    }
    sent_ += *taken;
    fresh = fresh.subspan(*taken);
  }
  Result<> kept{};
  if (!fresh.empty()) {
    if (!unsent_) unsent_ = std::make_unique<Buffer>(core_.out.filled().size() + 2 * Core::kOutSlack);
    kept = unsent_->append(fresh);
  }
  core_.out.clear();
  return kept;
}

}  // namespace sally::gateway
