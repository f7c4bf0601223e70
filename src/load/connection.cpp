#include "load/connection.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "load/http1_speaker.h"
#include "load/http2_speaker.h"

namespace sally::load {
namespace {

using namespace std::chrono_literals;
constexpr Duration kPartingTime = 200ms;  ///< for a server to close after our close_notify
constexpr unsigned kReadsAtOnce = 16;     ///< before the other connections have a turn
constexpr std::size_t kRecord = 16384;

}  // namespace

void Connection::open() {
  state_ = State::idle;
  if (!begin_attempt()) return;
  state_ = State::connecting;
  fd_ = Fd(::socket(origin_.address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!fd_) return lost(Failure::not_connected);
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int result = ::connect(fd_.get(), origin_.address.get(), origin_.address.length());
  if (result != 0 && errno != EINPROGRESS) return lost(failure_of(errno));
  if (!room_.loop.watch(fd_.get(), *this)) return lost(Failure::not_connected);
}

void Connection::on_events(std::uint32_t events) {
  ledger_.set_now(Clock::now());
  if (state_ == State::idle || state_ == State::paused) return;
  if (state_ == State::connecting) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
    int why = 0;
    socklen_t size = sizeof why;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &why, &size);
    if (why != 0) return lost(failure_of(why));
    if (!connected()) return;
  }
  // Edge-triggered: an end that is told together with bytes is told once.
  hung_up_ |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (!read_socket()) return;
  work();
}

void Connection::work() {
  if (state_ == State::idle) return open();
  if (state_ == State::speaking) {
    ask_more();
    if (speaker_->is_leaving() && speaker_->pending() == 0) return leave();
  }
  if (state_ == State::parting && needs_ticket()) fetch_ticket();
  flush();
}

bool Connection::connected() {
  ++ledger_.tally().connections;
  if (tls_ != nullptr) return begin_tls();
  return speak(plan_.speech == Speech::http2 ? "h2" : "http/1.1");
}

bool Connection::read_socket() {
  for (unsigned reads = 0; reads < kReadsAtOnce; ++reads) {
    const ssize_t n = ::recv(fd_.get(), room_.received.data(), room_.received.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) {
      if (n == 0)
        ended();
      else
        lost(failure_of(errno));
      return false;
    }
    const auto size = static_cast<std::size_t>(n);
    ledger_.tally().bytes_in += size;
    if (!take(Bytes(room_.received).first(size))) return false;
    if (size < room_.received.size() && !hung_up_) return true;
  }
  room_.loop.defer(*this);
  return true;
}

bool Connection::take(Bytes bytes) {
  if (!ssl_) return state_ == State::parting || hear(bytes);
  room_.io.in = bytes;
  ERR_clear_error();
  if (state_ == State::shaking) {
    if (!shake()) return false;
    if (state_ == State::shaking) return flush();
  }
  return read_plain();
}

bool Connection::speak(std::string_view alpn) {
  if (alpn == "h2")
    speaker_ =
        std::make_unique<Http2Speaker>(origin_.text, ledger_, plan_.streams, plan_.requests_per_connection);
  else
    speaker_ =
        std::make_unique<Http1Speaker>(origin_.text, ledger_, plan_.pipeline, plan_.requests_per_connection);
  state_ = State::speaking;
  speaker_->begin(plain_);
  return true;
}

bool Connection::read_plain() {
  for (;;) {
    const int n = SSL_read(ssl_.get(), room_.plain.data(), static_cast<int>(room_.plain.size()));
    if (n > 0) {
      if (state_ == State::speaking && !hear(Bytes(room_.plain).first(static_cast<std::size_t>(n))))
        return false;
      continue;
    }
    const int error = SSL_get_error(ssl_.get(), n);
    if (error == SSL_ERROR_WANT_READ) return true;
    ERR_clear_error();
    if (error == SSL_ERROR_ZERO_RETURN)
      ended();
    else
      lost(Failure::tls);
    return false;
  }
}

bool Connection::hear(Bytes plain) {
  if (speaker_->receive(plain, plain_)) return true;
  lost(Failure::protocol);
  return false;
}

void Connection::ask_more() {
  while (speaker_->has_room()) {
    const auto next = next_request();
    if (!next) return;
    speaker_->ask(next_url(), *next, plain_);
  }
}

bool Connection::send(Bytes bytes, std::size_t& sent) {
  const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  sent = n > 0 ? static_cast<std::size_t>(n) : 0;
  ledger_.tally().bytes_out += sent;
  if (n >= 0 || errno == EAGAIN || errno == EINTR) return true;
  room_.out.clear();
  lost(failure_of(errno));
  return false;
}

bool Connection::encrypt() {
  while (plain_at_ < plain_.size() && room_.out.room() > 0) {
    const std::size_t n = std::min(kRecord, plain_.size() - plain_at_);
    if (SSL_write(ssl_.get(), plain_.data() + plain_at_, static_cast<int>(n)) != static_cast<int>(n)) {
      ERR_clear_error();
      room_.out.clear();
      lost(Failure::tls);
      return false;
    }
    plain_at_ += n;
  }
  return true;
}

/// Sends what there is until nothing is left or the socket is full. What TLS wrote lies in the room's buffer,
/// which is empty again afterwards.
bool Connection::flush() {
  for (;;) {
    const Bytes fresh = room_.out.filled();
    std::size_t sent = 0;
    if (unsent_.empty() && !fresh.empty()) {
      if (!send(fresh, sent)) return false;
    }
    unsent_ += as_text(fresh.subspan(sent));
    room_.out.clear();
    if (!unsent_.empty()) {
      if (!send(as_bytes(std::string_view(unsent_)).subspan(unsent_at_), sent)) return false;
      unsent_at_ += sent;
      if (unsent_at_ < unsent_.size()) return true;
      unsent_.clear();
      unsent_at_ = 0;
    }
    if (plain_at_ == plain_.size()) {
      plain_.clear();
      plain_at_ = 0;
      if (speaker_) speaker_->send_more(plain_);
      if (plain_.empty()) return true;
    }
    if (ssl_) {
      if (!encrypt()) return false;
      continue;
    }
    if (!send(as_bytes(std::string_view(plain_)).subspan(plain_at_), sent)) return false;
    plain_at_ += sent;
    if (plain_at_ < plain_.size()) return true;
  }
}

void Connection::ended() {
  if (state_ == State::parting) {
    if (needs_ticket()) session_ = std::move(fresh_);
    if (needs_ticket()) return lost(Failure::not_resumed);
    close();
    return open();
  }
  if (speaker_) {
    speaker_->end_of_stream();
    if (speaker_->is_leaving() && speaker_->pending() == 0) {
      part();
      return open();
    }
  }
  lost(Failure::closed);
}

void Connection::lost(Failure why) {
  if (state_ == State::parting && why == Failure::reset) return ended();
  if (speaker_) speaker_->abandon(why);
  fail_attempt(why);
  close();
  state_ = State::paused;
}

/// Ends the connection in order and makes the next one. Where many follow each other the server is let close
/// first: ports that wait for stray packets would run out on this side.
void Connection::leave() {
  keep_session();
  say_goodbye();
  const bool server_closes = ssl_ || plan_.speech != Speech::http2;
  if (plan_.requests_per_connection != 0 && server_closes) {
    state_ = State::parting;
    since_ = ledger_.now();
    return;
  }
  close();
  open();
}

/// As a client does (RFC 9113 5.4.1, RFC 8446 6.1), as far as the socket takes it.
void Connection::say_goodbye() {
  if (!is_up() || !unsent_.empty() || plain_at_ != 0) return;
  if (speaker_) speaker_->leave(plain_);
  Bytes last = as_bytes(std::string_view(plain_));
  if (ssl_) {
    room_.out.clear();
    if (!last.empty() && last.size() <= kRecord)
      SSL_write(ssl_.get(), last.data(), static_cast<int>(last.size()));
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    last = room_.out.filled();
  }
  if (const ssize_t n = ::send(fd_.get(), last.data(), last.size(), MSG_NOSIGNAL); n > 0)
    ledger_.tally().bytes_out += static_cast<std::size_t>(n);
  plain_.clear();
  room_.out.clear();
}

void Connection::part() {
  say_goodbye();
  close();
}

void Connection::close() {
  if (fd_) room_.loop.unwatch(fd_.get(), *this);
  fd_.reset();
  ssl_.reset();
  speaker_.reset();
  plain_.clear();
  unsent_.clear();
  plain_at_ = unsent_at_ = 0;
  room_.out.clear();
  hung_up_ = false;
  state_ = State::idle;
}

void Connection::tick() {
  const TimePoint now = ledger_.now();
  switch (state_) {
    case State::idle:
    case State::held:
      return;
    case State::paused:
      return open();
    case State::connecting:
    case State::shaking:
      if (now - since_ > plan_.timeout) lost(Failure::connect_timeout);
      return;
    case State::parting:
      // A ticket that is wanted is worth more patience.
      if (now - since_ > (needs_ticket() ? Duration(plan_.timeout) : kPartingTime)) ended();
      return;
    case State::speaking:
      break;
  }
  if (!speaker_->expire(now - plan_.timeout, plain_)) {
    close();
    return open();
  }
  // HTTP/2 has nothing pending before the server's SETTINGS.
  if (!speaker_->has_room() && !speaker_->is_leaving() && speaker_->pending() == 0 &&
      now - since_ > plan_.timeout)
    return lost(Failure::connect_timeout);
  work();
}

}  // namespace sally::load
