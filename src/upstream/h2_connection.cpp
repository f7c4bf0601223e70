#include "upstream/h2_connection.h"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "os/os_error.h"
#include "upstream/errors.h"

namespace sally::upstream {
namespace {

constexpr std::size_t kGather = 64 * 1024;  ///< bytes that are put together for one send

}  // namespace

H2Connection::H2Connection(Loop& loop, Wire wire, H2Owner& owner, std::string_view name, const Terms& terms,
                           const http2::ClientLimits& limits, ConnectionScratch& scratch)
    : loop_(loop),
      wire_(std::move(wire)),
      owner_(owner),
      name_(name),
      terms_(terms),
      scratch_(scratch),
      codec_(limits),
      out_(4 * kGather),
      heard_(loop.now()) {}

H2Connection::~H2Connection() {
  if (watched_) loop_.unwatch(wire_.fd(), *this);
}

Result<> H2Connection::start() {
  TRY_VOID(loop_.watch(wire_.fd(), *this));
  watched_ = true;
  loop_.arm(*this, loop_.now() + terms_.connect_timeout);
  send_soon();
  return {};
}

Call* H2Connection::call() {
  ++calls_made_;
  if (settled_) loop_.disarm(*this);
  calls_.push_back(std::make_unique<H2Call>(*this, terms_));
  calls_.back()->place = calls_.size() - 1;
  return calls_.back().get();
}

void H2Connection::give_back(H2Call& call) {
  const std::size_t place = call.place;
  dead_.push_back(std::move(calls_[place]));
  if (place + 1 != calls_.size()) {
    calls_[place] = std::move(calls_.back());
    calls_[place]->place = place;
  }
  calls_.pop_back();
  send_soon();
}

void H2Connection::suspect() {
  if (loop_.now() - heard_ >= terms_.answer_timeout / 2) retired_ = true;
}

Error H2Connection::error(const ErrorKind& kind, std::string_view detail, std::source_location raised) const {
  std::string text(name_);
  if (!detail.empty()) text.append(": ").append(detail);
  return Error(kind, WirePos{}, std::move(text), raised);
}

void H2Connection::on_events(std::uint32_t events) {
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
    writable_ = true;
    send_soon();
  }
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) read();
}

/// What can wait here is bounded by the windows of the calls, so all that came is taken.
void H2Connection::read() {
  while (!broken_) {
    const std::ptrdiff_t n = wire_.read(scratch_.bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (n <= 0) return break_all(kClosedEarly, n == 0 ? "end of stream" : errno_text(errno));
    heard_ = loop_.now();
    if (auto taken = codec_.receive(Bytes(scratch_.bytes, static_cast<std::size_t>(n))); !taken)
      return break_all(kBadAnswer, taken.error().text());
    if (!settled_ && codec_.settled()) settle();
  }
  if (codec_.wants_to_send() || calls_.empty()) send_soon();
}

void H2Connection::break_all(const ErrorKind& kind, const std::string& why) {
  if (std::exchange(broken_, true)) return;
  retired_ = true;
  if (std::exchange(watched_, false)) loop_.unwatch(wire_.fd(), *this);
  wire_.close();
  // Each of them may leave, and with it others.
  std::vector<H2Call*> all;
  for (const auto& call : calls_) all.push_back(call.get());
  for (H2Call* const call : all) {
    bool here = false;
    for (const auto& one : calls_) here |= one.get() == call;
    if (here) call->break_off(error(kind, why));
  }
  send_soon();
}

void H2Connection::on_turn_end() {
  dead_.clear();
  flush();
  rest();
}

void H2Connection::flush() {
  while (!broken_ && writable_) {
    if (out_.size() < kGather) {
      if (auto made = codec_.produce(out_, kGather); !made) return break_all(kBadAnswer, made.error().text());
    }
    if (out_.empty()) break;
    const std::ptrdiff_t n = wire_.write(out_.readable());
    if (n < 0 && errno != EAGAIN && errno != EINTR) return break_all(kClosedEarly, errno_text(errno));
    writable_ = n == static_cast<std::ptrdiff_t>(out_.size());
    if (n > 0) out_.consume(static_cast<std::size_t>(n));
  }
  out_.release_if_empty();
}

void H2Connection::settle() {
  settled_ = true;
  loop_.disarm(*this);
  owner_.settled(*this);
}

/// Without calls it is kept for a while, or ends.
void H2Connection::rest() {
  if (!calls_.empty() || told_) return;
  if (unsettled()) return;
  if (broken_ || room() == 0) {
    told_ = true;
    return owner_.ended(*this);
  }
  if (!armed()) loop_.arm(*this, loop_.now() + terms_.keep_timeout);
}

void H2Connection::on_timer() {
  if (unsettled()) return break_all(kBadAnswer, "no SETTINGS came in time; does it speak HTTP/2?");
  if (!calls_.empty() || told_) return;
  codec_.say_the_end();
  retired_ = true;
  send_soon();
}

}  // namespace sally::upstream
