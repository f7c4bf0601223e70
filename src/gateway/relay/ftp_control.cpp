#include "gateway/relay/ftp_control.h"

#include <algorithm>
#include <utility>

#include "net/socket_address.h"

namespace sally::gateway {
namespace {

constexpr std::size_t kMostSaid = 2 * ftp::Inside::kLongestLine;  ///< of commands that wait
constexpr std::size_t kRoom = kMostSaid + Core::kInBytes + Core::kRecordBytes;
constexpr std::size_t kMostData = 4;  ///< transfers at a time, and one listener

}  // namespace

FtpControl::FtpControl(Parts parts)
    : parts_(std::move(parts)),
      said_(kRoom),
      answers_(kRoom),
      to_backend_(2 * kRoom),
      moved_at_(parts_.core.loop.now()) {
  parts_.counts.begun.add();
}

FtpControl::~FtpControl() { parts_.counts.ended.add(); }

std::uint64_t FtpControl::from_client() const {
  std::uint64_t out = client_bytes_;
  for (const auto& data : data_) out += data->from_client();
  return out;
}
std::uint64_t FtpControl::from_backend() const {
  std::uint64_t out = backend_bytes_;
  for (const auto& data : data_) out += data->from_server();
  return out;
}
std::uint32_t FtpControl::transfers() const {
  return transfers_ + static_cast<std::uint32_t>(
                          std::ranges::count_if(data_, [](const auto& data) { return data->used(); }));
}

bool FtpControl::willing() const {
  return !client_ended_ && said_.size() < kMostSaid && to_backend_.empty() && !parts_.near.unsent();
}

/// A transfer has its own idea of idle.
Deadline FtpControl::deadline() const {
  if (transferring()) return kNever;
  const RelayConfig& config = parts_.config;
  return moved_at_ +
         (client_ended_ ? std::min(config.idle_timeout, config.half_closed_timeout) : config.idle_timeout);
}

bool FtpControl::transferring() const {
  return std::ranges::any_of(data_, [](const auto& data) { return data->used(); });
}

bool FtpControl::over() const { return backend_ended_ && said_end_ && !transferring(); }

Task<Result<Unit>> FtpControl::run() {
  Stream& stream = parts_.near.stream();
  for (;;) {
    for (bool moved = true; moved;) {
      CO_TRY(const bool heard, hear_client());
      CO_TRY(const bool answered, hear_backend());
      CO_TRY(const bool acted, act());
      moved = heard || answered || acted;
      if (moved) moved_at_ = parts_.core.loop.now();
    }
    reap();
    if ((backend_ended_ || client_ended_) && !said_end_) CO_TRY_VOID(end());
    if (over()) co_return Unit{};
    const auto wanted = static_cast<std::uint8_t>((willing() ? Stream::kReadable : 0) |
                                                  (parts_.near.unsent() ? Stream::kWritable : 0));
    const std::uint8_t why = co_await stream.until(wanted, deadline());
    parts_.core.tick();
    if (why & Stream::kTimedOut && parts_.core.loop.now() >= deadline()) co_return fail(kRelayIdle);
  }
}

Result<bool> FtpControl::hear_client() {
  ClientEnd& near = parts_.near;
  Core& core = parts_.core;
  if (!willing()) return false;
  if (near.held().empty()) {
    auto heard = near.stream().read_now(core.in);
    if (!heard && backend_ended_) heard = std::size_t{0};  // it had all that there was for it
    TRY(const auto n, std::move(heard));
    if (!n) return false;
    client_ended_ = *n == 0;
    client_first_ = client_first_ || (client_ended_ && !backend_ended_);
    if (client_ended_) return true;
    TRY_VOID(near.held().append(Bytes(core.in).first(*n)));
  }
  core.tls.in = near.held().readable();
  for (;;) {
    auto got = near.tls()->read(core.plain, core.loop.now());
    if (!got) {
      [[maybe_unused]] const Result<> sent = near.flush();  // the alert that says why (RFC 8446 6.2)
      return std::unexpected(std::move(got).error());
    }
    client_ended_ = client_ended_ || got->end;
    client_first_ = client_first_ || (got->end && !backend_ended_);
    if (got->size == 0) break;
    client_bytes_ += got->size;
    parts_.counts.bytes_in.add(got->size);
    TRY_VOID(said_.append(Bytes(core.plain).first(got->size)));
  }
  near.held().consume(near.held().size() - core.tls.in.size());
  near.held().release_if_empty();
  TRY_VOID(near.flush());
  return true;
}

Result<bool> FtpControl::hear_backend() {
  if (backend_ended_ || !parts_.far.readable() || answers_.size() > kMostSaid || parts_.near.unsent())
    return false;
  auto n = parts_.far.read_now(parts_.core.plain);
  if (!n)
    return std::unexpected(
        Error(kBackendBroke, WirePos{}, {}, std::source_location::current()).because(std::move(n).error()));
  if (!*n) return false;
  backend_ended_ = **n == 0;
  backend_bytes_ += **n;
  parts_.counts.bytes_out.add(**n);
  TRY_VOID(answers_.append(Bytes(parts_.core.plain).first(**n)));
  return true;
}

/// True: something moved.
Result<bool> FtpControl::act() {
  ClientEnd& near = parts_.near;
  if (near.unsent()) {
    if (!near.stream().writable()) return false;
    TRY(const std::size_t sent, near.send_unsent());
    if (near.unsent()) return sent != 0;
  }
  if (!to_backend_.empty() && parts_.far.writable()) {
    const std::size_t sent = parts_.far.write_now(to_backend_.readable());
    to_backend_.consume(parts_.far.refuses() ? to_backend_.size() : sent);
    if (!to_backend_.empty()) return sent != 0;
  }
  auto moves = inside_.step(said_, answers_);
  if (!moves) return fail(kFtpNonsense, std::string(moves.error().detail()));
  if (!moves->any()) return false;
  TRY_VOID(carry_out(*std::move(moves)));
  return true;
}

Result<> FtpControl::carry_out(ftp::Moves moves) {
  if (moves.passive) {
    TRY(const ftp::Moves more, open_passive(*moves.passive));
    moves.to_client += more.to_client;
  }
  for (Bytes text = as_bytes(std::string_view(moves.to_client)); !text.empty();) {
    const Bytes record = text.first(std::min(text.size(), Core::kRecordBytes));
    TRY_VOID(parts_.near.tls()->write(record));
    text = text.subspan(record.size());
  }
  TRY_VOID(parts_.near.flush());
  return to_backend_.append(moves.to_server);
}

/// A listener that nobody has used makes way for the new one.
Result<ftp::Moves> FtpControl::open_passive(const ftp::Passive& asked) {
  std::erase_if(data_, [](const auto& data) { return !data->used(); });
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(parts_.far.fd(), reinterpret_cast<sockaddr*>(&peer), &size) != 0)
    return inside_.not_opened();
  const SocketAddress control(reinterpret_cast<const sockaddr*>(&peer), size);
  const auto server = SocketAddress::numeric(control.host(), asked.server_port);
  const FtpConfig& config = parts_.config.ftp;
  const std::string& told = config.passive_address.empty() ? parts_.server_address : config.passive_address;
  const bool speakable = asked.extended || !told.contains(':');  // RFC 2428 1: 227 is for IPv4
  if (!server || !speakable || data_.size() >= kMostData) return inside_.not_opened();
  auto data =
      FtpTransfer::open({.core = parts_.core,
                         .waker = parts_.near.stream(),
                         .terms = parts_.config,
                         .counts = parts_.counts,
                         .identity = parts_.identity,
                         .application = parts_.application,
                         .client = parts_.client.host(),
                         .server = *server,
                         .patience = config.data_timeout},
                        parts_.server_address, PortRange::parse(config.passive_ports).value_or(PortRange{}));
  if (!data) {
    failure_.emplace(std::move(data).error());
    return inside_.not_opened();
  }
  data_.push_back(*std::move(data));
  return inside_.opened(told, data_.back()->port());
}

/// Each side hears of the other's end, once everything before it has gone.
Result<> FtpControl::end() {
  if (parts_.near.unsent() || (!to_backend_.empty() && !parts_.far.refuses())) return {};
  said_end_ = backend_ended_;
  if (client_ended_ && !std::exchange(told_backend_, true)) parts_.far.end_sending();
  if (backend_ended_) {
    parts_.near.tls()->close();
    TRY_VOID(parts_.near.flush());
    parts_.near.stream().shutdown_write();
  }
  return {};
}

void FtpControl::reap() {
  std::erase_if(data_, [&](const auto& data) {
    if (!data->ended()) return false;
    if (data->failure())
      failure_.emplace(data->failure()->kind(), WirePos{}, std::string(data->failure()->detail()),
                       std::source_location::current());
    transfers_ += data->used() ? 1 : 0;
    client_bytes_ += data->from_client();
    backend_bytes_ += data->from_server();
    return true;
  });
}

}  // namespace sally::gateway
