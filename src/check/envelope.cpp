#include "check/envelope.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "crypto/entropy.h"
#include "net/connect.h"
#include "os/os_error.h"

namespace sally::check {
namespace {

constexpr std::chrono::milliseconds kAgain{500};  ///< a packet that nobody acknowledged is sent again
/// OpenVPN drops a session whose TLS it refuses, without a word. A hello that it has acknowledged and not
/// answered for so long is refused.
constexpr std::chrono::milliseconds kSilence{2500};
constexpr std::size_t kMostPacket = 4096;  ///< bytes; larger ones are none of a control channel

std::string new_session() {
  const auto bytes = crypto::random_bytes<8>();
  return std::string(as_text(bytes));
}

}  // namespace

Result<std::unique_ptr<Stream>> connect_by_udp(Loop& loop, const SocketAddress& to) {
  Fd fd(::socket(to.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno(errno, "make", "a datagram socket");
  if (::connect(fd.get(), to.get(), to.length()) != 0) return fail(kUnreachable, std::strerror(errno));
  return std::make_unique<Stream>(loop, std::move(fd));
}

Envelope::Envelope(Loop& loop, std::unique_ptr<Stream> outer, bool by_udp)
    : loop_(loop), outer_(std::move(outer)), by_udp_(by_udp), control_(new_session()) {}

Envelope::~Envelope() = default;

bool Envelope::done() const { return out_.done() && in_.done(); }

Envelope& Envelopes::add(std::unique_ptr<Envelope> one) {
  std::erase_if(all_, [](const auto& e) { return e->done(); });
  all_.push_back(std::move(one));
  return *all_.back();
}

Task<Result<Fd>> Envelope::open(Deadline by) {
  while (!control_.open()) {
    CO_TRY(const bool more, step());
    if (!more) co_return fail(kGuarded, "it closed the connection");
    if (control_.open()) break;
    const Deadline again = by_udp_ ? std::min(by, control_.next(kAgain)) : by;
    co_await outer_->until(Stream::kReadable, again);
    if (loop_.now() >= by) co_return fail(kGuarded, "it was silent");
  }
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    co_return fail_errno(errno, "make", "a pair of sockets");
  Fd far(ends[1]);
  inner_ = std::make_unique<Stream>(loop_, Fd(ends[0]));
  CO_TRY_VOID(inner_->start());
  out_ = Running<Unit>(outwards());
  out_.start();
  in_ = Running<Unit>(inwards());
  in_.start();
  co_return far;
}

Result<> Envelope::send_due() {
  for (const std::string& packet : control_.due(loop_.now(), kAgain)) {
    std::string bytes;
    if (!by_udp_) bytes = {static_cast<char>(packet.size() >> 8), static_cast<char>(packet.size() & 0xff)};
    bytes += packet;
    TRY(const std::size_t n, outer_->write_now(as_bytes(std::string_view(bytes))));
    // A datagram that found no room is sent again later; half a packet in a stream is the end of it.
    if (n < bytes.size() && !by_udp_) return fail(kOutOfTime, "the server reads too slowly");
  }
  return {};
}

/// Before TLS: sends and takes. A connection that breaks is closed.
Result<bool> Envelope::step() {
  const auto sent = send_due();
  auto more = sent ? receive() : Result<bool>(fail(kSocket, std::string(sent.error().detail())));
  if (more || !more.error().is(kSocket)) return more;
  if (more.error().detail().ends_with(std::strerror(ECONNREFUSED)) && by_udp_)
    return fail(kConnectRefused, std::string(more.error().detail()));
  return false;
}

/// Takes what there is; false: nothing more will come.
Result<bool> Envelope::receive() {
  std::array<std::byte, kMostPacket> room;
  for (;;) {
    const auto got = outer_->read_now(room);
    if (!got) return fail(kSocket, std::string(got.error().detail()));
    if (!*got) return true;
    const std::string_view bytes = as_text(Bytes(room).first(**got));
    if (bytes.empty() && !by_udp_) return false;
    if (by_udp_) {
      // Anybody may send a datagram of nonsense: the session goes on.
      const auto taken = control_.take(bytes);
      if (!taken && !control_.open()) return fail(openvpn::kMalformed, std::string(taken.error().detail()));
      continue;
    }
    packed_ += bytes;
    TRY_VOID(unpack());
  }
}

Result<> Envelope::unpack() {
  while (packed_.size() >= 2) {
    const std::size_t length =
        std::size_t{static_cast<std::uint8_t>(packed_[0])} << 8 | static_cast<std::uint8_t>(packed_[1]);
    if (length == 0 || length > kMostPacket) return fail(openvpn::kMalformed, "the length of a packet");
    if (packed_.size() < 2 + length) break;
    TRY_VOID(control_.take(std::string_view(packed_).substr(2, length)));
    packed_.erase(0, 2 + length);
  }
  return {};
}

/// How long to wait for more to send.
Deadline Envelope::patience() const {
  const Deadline again = by_udp_ ? control_.next(kAgain) : kNever;
  return asked_ ? std::min(again, asked_at_ + kSilence) : again;
}

Task<Unit> Envelope::outwards() {
  std::array<std::byte, 4096> room;
  while (!closed_) {
    if (!send_due()) break;
    co_await inner_->until(control_.full() ? std::uint8_t{0} : std::uint8_t{Stream::kReadable}, patience());
    if (asked_ && loop_.now() >= asked_at_ + kSilence) break;
    if (control_.full()) continue;
    const auto got = inner_->read_now(room);
    if (!got || (*got && **got == 0)) break;
    if (!*got) continue;
    control_.say(as_text(Bytes(room).first(**got)));
    asked_ = true;
    asked_at_ = loop_.now();
  }
  (void)send_due();
  closed_ = true;
  ::shutdown(outer_->fd(), SHUT_RDWR);
  outer_->wake();
  co_return Unit{};
}

Task<Unit> Envelope::inwards() {
  while (!closed_) {
    const auto more = receive();
    const std::string heard = control_.heard();
    if (!heard.empty()) asked_ = false;
    const auto written = inner_->write_now(as_bytes(std::string_view(heard)));
    if (!more || !*more || !written || *written < heard.size()) break;
    inner_->wake();  // there is something to acknowledge, and perhaps room for more
    co_await outer_->until(Stream::kReadable, kNever);
  }
  closed_ = true;
  inner_->shutdown_write();
  inner_->wake();
  co_return Unit{};
}

}  // namespace sally::check
