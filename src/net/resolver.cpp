#include "net/resolver.h"

#include <ares.h>
#include <sys/epoll.h>
#include <sys/poll.h>

#include <algorithm>
#include <mutex>

namespace sally {
namespace {

constexpr std::size_t kMostAddresses = 64;
constexpr std::chrono::seconds kShortest{1}, kLongest{3600}, kOfFiles{30};
constexpr int kTryMilliseconds = 2000, kTries = 3;

/// The library's own state; it is never given back, as threads may still end.
bool library_ready() {
  static const bool ready = ::ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
  return ready;
}

const ErrorKind& kind_of(int status) {
  return status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_ENONAME ? kNoSuchName
                                                                                      : kResolverFailed;
}

}  // namespace

struct Resolver::Channel {
  ares_channel value = nullptr;
  ~Channel() {
    if (value) ::ares_destroy(value);
  }
};

struct Resolver::Question {
  Resolver* resolver = nullptr;  ///< null: it is gone
  std::string host;
  std::uint16_t port = 0;
  std::optional<Result<Answer>> answer;
  std::coroutine_handle<> waiter;
  bool asking = false;  ///< within the call that asks: an answer needs no wake

  static void on_answer(void* own, int status, int, ares_addrinfo* found);
  static Result<Answer> read(int status, const ares_addrinfo* found, const std::string& host);
};

/// A socket of the library. Edge-triggered as all: what is left is asked for with poll().
class Resolver::Socket final : public Pollable {
 public:
  Socket(Resolver& resolver, int fd) : resolver_(resolver), fd_(fd) {}
  ~Socket() { close(); }
  Result<> open() { return resolver_.loop_.watch(fd_, *this); }
  void close() {
    if (fd_ >= 0) resolver_.loop_.unwatch(fd_, *this);
    fd_ = -1;
  }
  void expect(bool writable) { writable_ = writable; }

 private:
  void on_events(std::uint32_t) override {
    constexpr int kRounds = 64;
    for (int round = 0; round < kRounds && fd_ >= 0; ++round) {
      pollfd p{fd_, static_cast<short>(POLLIN | (writable_ ? POLLOUT : 0)), 0};
      if (::poll(&p, 1, 0) <= 0) break;
      const bool in = (p.revents & ~POLLOUT) != 0, out = (p.revents & POLLOUT) != 0;
      ::ares_process_fd(resolver_.channel_->value, in ? fd_ : ARES_SOCKET_BAD, out ? fd_ : ARES_SOCKET_BAD);
    }
    resolver_.set_timer();
  }

  Resolver& resolver_;
  int fd_;
  bool writable_ = false;
};

Result<Resolver::Answer> Resolver::Question::read(int status, const ares_addrinfo* found,
                                                  const std::string& host) {
  if (status != ARES_SUCCESS) return fail(kind_of(status), host + ": " + ::ares_strerror(status));
  Answer out;
  out.fresh_for = kLongest;
  for (const ares_addrinfo_node* node = found->nodes; node; node = node->ai_next) {
    const SocketAddress address(node->ai_addr, node->ai_addrlen);
    out.fresh_for = std::min(out.fresh_for, node->ai_ttl > 0 ? std::chrono::seconds(node->ai_ttl) : kOfFiles);
    if (out.addresses.size() < kMostAddresses &&
        std::ranges::find(out.addresses, address.text(), &SocketAddress::text) == out.addresses.end())
      out.addresses.push_back(address);
  }
  for (const ares_addrinfo_cname* alias = found->cnames; alias; alias = alias->next)
    if (alias->ttl > 0) out.fresh_for = std::min(out.fresh_for, std::chrono::seconds(alias->ttl));
  out.fresh_for = std::max(out.fresh_for, kShortest);
  if (out.addresses.empty()) return fail(kNoSuchName, host);
  return out;
}

void Resolver::Question::on_answer(void* own, int status, int, ares_addrinfo* found) {
  const std::unique_ptr<std::shared_ptr<Question>> holder(static_cast<std::shared_ptr<Question>*>(own));
  const std::shared_ptr<Question>& question = *holder;
  question->answer = read(status, found, question->host);
  if (found) ::ares_freeaddrinfo(found);
  if (question->asking || !question->waiter || !question->resolver) return;
  // The library is in the middle of its work: whoever waits goes on when it has ended.
  question->resolver->answered_.push_back(question);
  question->resolver->loop_.defer(*question->resolver);
}

Resolver::Find::Find(Resolver& resolver, std::string host, std::uint16_t port)
    : resolver_(resolver), question_(std::make_shared<Question>()) {
  question_->resolver = &resolver;
  question_->host = std::move(host);
  question_->port = port;
}

Resolver::Find::~Find() { question_->waiter = {}; }

bool Resolver::Find::await_ready() {
  if (const auto numeric = SocketAddress::numeric(question_->host, question_->port))
    question_->answer = Answer{{*numeric}, kLongest};
  else
    resolver_.ask(question_);
  return question_->answer.has_value();
}

void Resolver::Find::await_suspend(std::coroutine_handle<> h) { question_->waiter = h; }

Result<Resolver::Answer> Resolver::Find::await_resume() { return *std::move(question_->answer); }

Resolver::Resolver(Loop& loop) : loop_(loop), channel_(std::make_unique<Channel>()) {}

Result<std::unique_ptr<Resolver>> Resolver::make(Loop& loop, const std::string& servers) {
  if (!library_ready()) return fail(kResolverFailed, "the DNS library cannot be set up");
  std::unique_ptr<Resolver> resolver(new Resolver(loop));
  ares_options options{};
  options.timeout = kTryMilliseconds;
  options.tries = kTries;
  options.sock_state_cb_data = resolver.get();
  options.sock_state_cb = [](void* own, ares_socket_t fd, int readable, int writable) {
    static_cast<Resolver*>(own)->watch(fd, readable != 0, writable != 0);
  };
  const int set = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  int status = ::ares_init_options(&resolver->channel_->value, &options, set);
  if (status == ARES_SUCCESS && !servers.empty())
    status = ::ares_set_servers_ports_csv(resolver->channel_->value, servers.c_str());
  if (status != ARES_SUCCESS) return fail(kResolverFailed, ::ares_strerror(status));
  return resolver;
}

Resolver::~Resolver() {
  answered_.clear();
  channel_.reset();  // tells every question that it is given up, and closes the sockets
}

void Resolver::ask(const std::shared_ptr<Question>& question) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NUMERICSERV;
  question->asking = true;
  ::ares_getaddrinfo(channel_->value, question->host.c_str(), std::to_string(question->port).c_str(), &hints,
                     &Question::on_answer, new std::shared_ptr<Question>(question));
  question->asking = false;
  set_timer();
}

void Resolver::watch(int fd, bool readable, bool writable) {
  const auto known = sockets_.find(fd);
  if (!readable && !writable) {
    if (known == sockets_.end()) return;
    known->second->close();  // the library closes it next
    closed_.push_back(std::move(known->second));
    sockets_.erase(known);
    loop_.defer(*this);
    return;
  }
  if (known != sockets_.end()) return known->second->expect(writable);
  auto socket = std::make_unique<Socket>(*this, fd);
  socket->expect(writable);
  if (socket->open()) sockets_.emplace(fd, std::move(socket));  // else the library's own timer ends it
}

void Resolver::set_timer() {
  timeval longest{3600, 0}, room{};
  const timeval* const next = ::ares_timeout(channel_->value, &longest, &room);
  loop_.arm(*this, loop_.now() + std::chrono::seconds(next->tv_sec) +
                       std::chrono::microseconds(next->tv_usec) + std::chrono::milliseconds(1));
}

void Resolver::on_timer() {
  ::ares_process_fd(channel_->value, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  if (!sockets_.empty()) set_timer();
}

void Resolver::on_turn_end() {
  closed_.clear();
  const auto answered = std::move(answered_);
  answered_.clear();
  for (const std::shared_ptr<Question>& question : answered)
    if (question->waiter) std::exchange(question->waiter, {}).resume();
}

}  // namespace sally
