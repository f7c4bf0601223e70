// bench/connections.cpp - opens many TLS connections with a post-quantum handshake, one request each, or
// holds them.
//
//   connections --port N --name HOST --path /1k.bin --alpn http/1.1|h2 --count N --concurrency N --bytes N
//               [--request 0|1] [--hold 0|1] [--seconds N]
//
// With --hold 1 every connection stays open: the line `ready` is printed, and the program ends when its input
// does. The last line is JSON: what was done, and the first reason of a failure. A connection counts only if
// it is TLS 1.3 with X25519MLKEM768, not resumed, of the asked ALPN, and its answer has status 200 and
// --bytes bytes.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer.h"

namespace sally::bench {
namespace {

constexpr const char* kGroup = "X25519MLKEM768";
constexpr const char* kSuite =
    "TLS_AES_128_GCM_SHA256";  // the same for every server, or 100 KiB compares ciphers

struct Settings {
  std::uint16_t port = 0;
  std::size_t count = 2000, concurrency = 16, body_bytes = 1024, seconds = 120;
  std::string name = "localhost", path = "/1k.bin", alpn = "http/1.1";
  bool request = true, hold = false;
};

std::size_t tickets_seen =
    0;  ///< a server that sends tickets does more than its neighbours: the run does not count

struct Tally {
  std::size_t done = 0, failed = 0, body_bytes = 0;
  std::string first_failure;
};

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using ContextPtr = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SessionPtr = std::unique_ptr<SSL, Deleter<SSL_free>>;

/// One connection from connect() to its answer. Events are those that epoll must wait for next.
class Connection {
 public:
  enum class State : std::uint8_t { waiting, done, failed };

  Connection(const Settings& settings, SSL_CTX* tls)
      : settings_(settings), session_(SSL_new(tls)), answer_(settings.alpn == "h2") {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// Starts to connect to 127.0.0.1; false when the system refuses, with the reason in failure().
  bool start();
  /// Goes as far as it can without waiting.
  State advance();
  /// Says goodbye as a client does (RFC 8446 6.1).
  void end() { SSL_shutdown(session_.get()); }
  /// A held connection keeps no more than its session.
  void keep() { answer_ = Answer(settings_.alpn == "h2"); }

  int fd() const { return fd_; }
  std::uint32_t events() const { return events_; }
  std::size_t body_bytes() const { return answer_.body_bytes(); }
  const std::string& failure() const { return failure_; }

 private:
  State fail(std::string why) {
    failure_ = std::move(why);
    return State::failed;
  }
  State after(int result, const char* step);
  State check_handshake();
  State write_out();
  State read_answer();

  const Settings& settings_;
  SessionPtr session_;
  Answer answer_;
  int fd_ = -1;
  bool shaken_ = false;
  std::uint32_t events_ = EPOLLOUT;
  std::string out_, failure_;
};

bool Connection::start() {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(settings_.port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
      (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)) {
    failure_ = std::string("connect: ") + std::strerror(errno);
    return false;
  }
  SSL_set_tlsext_host_name(session_.get(), settings_.name.c_str());
  SSL_set_fd(session_.get(), fd_);
  SSL_set_connect_state(session_.get());
  return true;
}

Connection::State Connection::after(int result, const char* step) {
  const int error = SSL_get_error(session_.get(), result);
  if (error == SSL_ERROR_WANT_READ) events_ = EPOLLIN;
  if (error == SSL_ERROR_WANT_WRITE) events_ = EPOLLOUT;
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return State::waiting;
  std::array<char, 256> text{};
  if (error == SSL_ERROR_SSL) ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  if (error == SSL_ERROR_SYSCALL) std::snprintf(text.data(), text.size(), "%s", std::strerror(errno));
  if (error == SSL_ERROR_ZERO_RETURN) std::snprintf(text.data(), text.size(), "closed by the server");
  ERR_clear_error();
  return fail(std::string(step) + ": " + text.data());
}

Connection::State Connection::check_handshake() {
  SSL* ssl = session_.get();
  const char* group = SSL_get_curve_name(SSL_get_curve_id(ssl));
  if (SSL_version(ssl) != TLS1_3_VERSION) return fail("not TLS 1.3");
  if (!group || std::string_view(group) != kGroup)
    return fail(std::string("group ") + (group ? group : "none"));
  if (SSL_session_reused(ssl)) return fail("resumed");
  const unsigned char* alpn = nullptr;
  unsigned alpn_bytes = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &alpn_bytes);
  const std::string_view chosen(reinterpret_cast<const char*>(alpn), alpn_bytes);
  if (chosen != settings_.alpn) return fail("ALPN \"" + std::string(chosen) + "\"");
  if (settings_.request)
    out_ = settings_.alpn == "h2" ? http2_request(settings_.name, settings_.path)
                                  : http1_request(settings_.name, settings_.path);
  return State::done;
}

Connection::State Connection::write_out() {
  while (!out_.empty()) {
    const int n = SSL_write(session_.get(), out_.data(), static_cast<int>(out_.size()));
    if (n <= 0) return after(n, "write");
    out_.erase(0, static_cast<std::size_t>(n));
  }
  return State::done;
}

Connection::State Connection::read_answer() {
  static std::array<char, 65536> scratch;
  for (;;) {
    const int n = SSL_read(session_.get(), scratch.data(), static_cast<int>(scratch.size()));
    if (n <= 0) return after(n, "read");
    const auto state = answer_.feed({scratch.data(), static_cast<std::size_t>(n)});
    if (state == Answer::State::wrong) return fail("answer: " + std::string(answer_.reason()));
    out_ += answer_.take_reply();
    if (state == Answer::State::incomplete) {
      if (write_out() == State::failed) return State::failed;
      continue;
    }
    if (answer_.body_bytes() != settings_.body_bytes)
      return fail("body of " + std::to_string(answer_.body_bytes()) + " bytes");
    return write_out();
  }
}

Connection::State Connection::advance() {
  ERR_clear_error();
  if (!shaken_) {
    const int n = SSL_do_handshake(session_.get());
    if (n != 1) return after(n, "handshake");
    if (check_handshake() == State::failed) return State::failed;
    shaken_ = true;
  }
  if (const State wrote = write_out(); wrote != State::done) return wrote;
  return settings_.request ? read_answer() : State::done;
}

/// Keeps `concurrency` connections in flight until `count` were made.
class Run {
 public:
  Run(const Settings& settings, SSL_CTX* tls)
      : settings_(settings), tls_(tls), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { ::close(epoll_); }

  Tally go();
  std::size_t held() const { return held_.size(); }

 private:
  void start_one();
  void finish(int fd, Connection::State state);
  void failed(const std::string& why) {
    if (++tally_.failed == 1) tally_.first_failure = why;
  }

  const Settings& settings_;
  SSL_CTX* tls_;
  int epoll_;
  std::size_t started_ = 0;
  Tally tally_;
  std::map<int, std::unique_ptr<Connection>> open_;
  std::vector<std::unique_ptr<Connection>> held_;
};

void Run::start_one() {
  ++started_;
  auto connection = std::make_unique<Connection>(settings_, tls_);
  if (!connection->start()) return failed(connection->failure());
  epoll_event event{.events = connection->events(), .data = {.fd = connection->fd()}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd(), &event);
  open_.emplace(connection->fd(), std::move(connection));
}

void Run::finish(int fd, Connection::State state) {
  const auto at = open_.find(fd);
  std::unique_ptr<Connection> connection = std::move(at->second);
  open_.erase(at);
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  if (state == Connection::State::failed) return failed(connection->failure());
  ++tally_.done;
  tally_.body_bytes += connection->body_bytes();
  if (settings_.hold) {
    connection->keep();
    held_.push_back(std::move(connection));
  } else {
    connection->end();
  }
}

Tally Run::go() {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(settings_.seconds);
  std::array<epoll_event, 64> ready{};
  while (started_ < settings_.count || !open_.empty()) {
    while (open_.size() < settings_.concurrency && started_ < settings_.count) start_one();
    const int n = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 1000);
    for (int i = 0; i < n; ++i) {
      const int fd = ready[static_cast<std::size_t>(i)].data.fd;
      Connection& connection = *open_.at(fd);
      const std::uint32_t before = connection.events();
      const auto state = connection.advance();
      if (state != Connection::State::waiting) {
        finish(fd, state);
      } else if (connection.events() != before) {
        epoll_event event{.events = connection.events(), .data = {.fd = fd}};
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
      }
    }
    if (Clock::now() > deadline) {
      failed("not done after " + std::to_string(settings_.seconds) + " s");
      break;
    }
  }
  return tally_;
}

template <typename T>
bool parse(std::string_view text, T& out) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && stop == text.data() + text.size();
}

bool read_settings(int argc, char** argv, Settings& s) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view key = argv[i], value = argv[i + 1];
    bool known = true;
    if (key == "--name")
      s.name = value;
    else if (key == "--path")
      s.path = value;
    else if (key == "--alpn")
      s.alpn = value;
    else if (key == "--request")
      s.request = value == "1";
    else if (key == "--hold")
      s.hold = value == "1";
    else if (key == "--port")
      known = parse(value, s.port);
    else if (key == "--count")
      known = parse(value, s.count);
    else if (key == "--concurrency")
      known = parse(value, s.concurrency);
    else if (key == "--bytes")
      known = parse(value, s.body_bytes);
    else if (key == "--seconds")
      known = parse(value, s.seconds);
    else
      known = false;
    if (!known) {
      std::fprintf(stderr, "connections: %s %s is not understood\n", argv[i], argv[i + 1]);
      return false;
    }
  }
  if (s.alpn == "h2" && s.body_bytes > 65535) {
    std::fprintf(stderr, "connections: no window is opened over HTTP/2: at most --bytes 65535\n");
    return false;
  }
  if (argc % 2 == 0 || s.port == 0 || s.name.size() > 126 || s.path.size() > 126) {
    std::fprintf(
        stderr,
        "connections: --port is needed, each option takes a value, name and path at most 126 bytes\n");
    return false;
  }
  return true;
}

ContextPtr make_tls(const Settings& settings) {
  ContextPtr tls(SSL_CTX_new(TLS_client_method()));
  const std::string alpn = static_cast<char>(settings.alpn.size()) + settings.alpn;
  const bool ok = tls && SSL_CTX_set_min_proto_version(tls.get(), TLS1_3_VERSION) &&
                  SSL_CTX_set1_groups_list(tls.get(), kGroup) &&
                  SSL_CTX_set_ciphersuites(tls.get(), kSuite) &&
                  SSL_CTX_set_alpn_protos(tls.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                                          static_cast<unsigned>(alpn.size())) == 0;
  if (!ok) return nullptr;
  SSL_CTX_set_session_cache_mode(tls.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(tls.get(), [](SSL*, SSL_SESSION*) {
    ++tickets_seen;
    return 0;
  });
  SSL_CTX_set_mode(tls.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
  return tls;
}

}  // namespace
}  // namespace sally::bench

int main(int argc, char** argv) {
  using namespace sally::bench;
  Settings settings;
  if (!read_settings(argc, argv, settings)) return 2;
  const ContextPtr tls = make_tls(settings);
  if (!tls) {
    std::fprintf(stderr, "connections: the TLS library refuses %s or %s\n", kGroup, kSuite);
    return 2;
  }
  Run run(settings, tls.get());
  const Tally tally = run.go();
  if (settings.hold) {
    std::puts("ready");
    std::fflush(stdout);
    while (std::getchar() != EOF) continue;
  }
  std::string why = tally.first_failure;
  for (char& c : why)
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = '\'';
  std::printf(
      "{\"done\": %zu, \"failed\": %zu, \"body_bytes\": %zu, \"tickets\": %zu, \"first_failure\": \"%s\"}\n",
      tally.done, tally.failed, tally.body_bytes, tickets_seen, why.c_str());
  return tally.failed == 0 ? 0 : 1;
}
