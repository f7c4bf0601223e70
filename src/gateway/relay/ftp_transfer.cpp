#include "gateway/relay/ftp_transfer.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "crypto/entropy.h"
#include "net/connect.h"

namespace sally::gateway {
namespace {

std::uint16_t somewhere_in(PortRange range) {
  const auto bytes = crypto::random_bytes<2>();
  const unsigned any = std::to_integer<unsigned>(bytes[0]) << 8 | std::to_integer<unsigned>(bytes[1]);
  return static_cast<std::uint16_t>(range.first + any % (range.last - range.first + 1U));
}

}  // namespace

std::optional<PortRange> PortRange::parse(std::string_view text) {
  PortRange out;
  if (text.empty()) return out;
  const char* const end = text.data() + text.size();
  const auto [dash, bad] = std::from_chars(text.data(), end, out.first);
  if (bad != std::errc{} || dash == end || *dash != '-') return std::nullopt;
  const auto [behind, wrong] = std::from_chars(dash + 1, end, out.last);
  const bool good = wrong == std::errc{} && behind == end && out.first >= 1024 && out.first <= out.last;
  return good ? std::optional(out) : std::nullopt;
}

Result<std::unique_ptr<FtpTransfer>> FtpTransfer::open(Parts parts, const std::string& at, PortRange range) {
  const unsigned ports = range.first == 0 ? 1U : range.last - range.first + 1U;
  std::uint16_t port = range.first == 0 ? std::uint16_t{0} : somewhere_in(range);
  for (unsigned tried = 0; tried < ports; ++tried) {
    const auto address = SocketAddress::numeric(at, port);
    if (!address) return fail(kNoPassivePort, fmt::format("{} is no address", at));
    auto socket = open_listener(*address, false, 4);
    if (socket) {
      TRY(const SocketAddress bound, bound_address(socket->get()));
      auto out = std::make_unique<FtpTransfer>(std::move(parts), *std::move(socket), bound.port());
      TRY_VOID(out->listener_->start());
      return out;
    }
    port = port == range.last ? range.first : static_cast<std::uint16_t>(port + 1);
  }
  return fail(kNoPassivePort, fmt::format("{} to {} on {}", range.first, range.last, at));
}

FtpTransfer::FtpTransfer(Parts parts, Fd listener, std::uint16_t port)
    : parts_(std::move(parts)), port_(port) {
  listener_.emplace(parts_.core.loop, std::move(listener), static_cast<Accepted&>(*this));
  parts_.core.loop.arm(*this, parts_.core.loop.now() + parts_.patience);
}

FtpTransfer::~FtpTransfer() { running_.reset(); }

void FtpTransfer::on_accept(Fd socket, const SocketAddress& client) {
  if (near_ || ended_ || client.host() != parts_.client) return;
  near_.emplace(parts_.core, std::move(socket), 2 * Core::kInBytes);
  far_.emplace(parts_.core.loop, near_->stream());
  running_ = Running<Result<Unit>>(run());
  running_.start();
}

void FtpTransfer::on_accept_failed(int) {
  end(Error(kNoPassivePort, WirePos{}, {}, std::source_location::current()));
}

void FtpTransfer::on_timer() {
  if (!near_) end(Error(kNoDataConnection, WirePos{}, {}, std::source_location::current()));
}

void FtpTransfer::end(std::optional<Error> why) {
  if (std::exchange(ended_, true)) return;
  failure_ = std::move(why);
  parts_.waker.wake();
}

Task<Result<Unit>> FtpTransfer::run() {
  Result<Unit> done = co_await live();
  parts_.core.out.clear();  // the core's, not ours
  if (!done && far_->open()) far_->reset();
  near_->stream().release();  // the client sees the end; what was not read makes it a reset
  far_->drop();
  end(done ? std::nullopt : std::optional(std::move(done).error()));
  co_return Unit{};
}

Task<Result<Unit>> FtpTransfer::live() {
  Core& core = parts_.core;
  const Deadline by = core.loop.now() + parts_.patience;
  CO_TRY_VOID(near_->stream().start());
  // At once: the server tells the client to begin with TLS when it has this connection.
  CO_TRY(Fd socket, co_await Connect(core.loop, parts_.server, by));
  CO_TRY_VOID(far_->start(upstream::Wire(std::move(socket))));
  CO_TRY_VOID(co_await near_->shake_hands(parts_.identity, parts_.application, by));
  tunnel_.emplace(core, *near_, *far_, parts_.terms, parts_.counts, nullptr);
  co_return co_await tunnel_->run();
}

}  // namespace sally::gateway
