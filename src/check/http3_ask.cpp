#include "check/http3_ask.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <coroutine>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "crypto/entropy.h"
#include "proto/http3/client_codec.h"
#include "quic/client_connection.h"
#include "quic/client_socket.h"

namespace sally::check {
namespace {

constexpr const char* kGroups = "X25519MLKEM768:X25519:P-256:P-384";
constexpr unsigned kMostDatagrams = 1000;  ///< of one answer's head
constexpr std::size_t kMostCertificates = 32, kLeastInitial = 1200;
constexpr std::size_t kMostMessages = 64, kMostContent = 64 * 1024;
constexpr std::chrono::milliseconds kFirstRoundTrip{100};  ///< assumed: lost packets are sent again early
constexpr std::uint32_t kNoVersion = 0x1a2a3a4a;  ///< reserved so that nobody speaks it (RFC 9000 15)

/// Waits until a socket can be read, or for a time.
class Ear final : private Pollable, private Timer {
 public:
  Ear(Loop& loop, int fd) : loop_(loop), fd_(fd), watched_(loop.watch(fd, *this).has_value()) {}
  ~Ear() override {
    if (watched_) loop_.unwatch(fd_, *this);
  }

  class Until {
   public:
    Until(Ear& ear, Deadline by) : ear_(ear), by_(by) {}
    bool await_ready() const { return std::exchange(ear_.heard_, false); }
    void await_suspend(std::coroutine_handle<> h) {
      ear_.waiter_ = h;
      if (by_ != kNever) ear_.loop_.arm(ear_, by_);
    }
    void await_resume() { ear_.heard_ = false; }

   private:
    Ear& ear_;
    Deadline by_;
  };
  Until until(Deadline by) { return Until(*this, by); }

 private:
  void on_events(std::uint32_t) override {
    heard_ = true;
    wake();
  }
  void on_timer() override { wake(); }
  void wake() {
    if (armed()) loop_.disarm(*this);
    if (waiter_) std::exchange(waiter_, {}).resume();
  }

  Loop& loop_;
  int fd_;
  bool watched_, heard_ = false;
  std::coroutine_handle<> waiter_;
};

struct Head final : http3::Request {
  void on_field(std::string_view, std::string_view) override {}
  void on_head(unsigned one) override { status = one; }
  void on_content(Bytes) override {}
  void on_whole() override { over = true; }
  void on_lost(std::uint64_t error) override {
    over = true;
    lost = error;
  }
  unsigned status = 0;
  bool over = false;
  std::uint64_t lost = 0;
};

class Asking final : public quic::ClientEvents {
 public:
  Fault on_handshake() override { return codec.begin(*connection); }
  Fault on_stream_data(std::int64_t s, Bytes bytes, bool end) override {
    return codec.receive(s, bytes, end);
  }
  Fault on_acknowledged(std::int64_t s, std::uint64_t n) override { return codec.acknowledged(s, n); }
  Fault on_reset(std::int64_t s, std::uint64_t e) override { return codec.reset_by_server(s, e); }
  Fault on_closed(std::int64_t s, std::uint64_t e) override { return codec.closed(s, e); }
  Fault on_room(std::int64_t s) override { return codec.room_again(s); }
  void on_versions(std::span<const std::uint32_t> all) override { versions.assign(all.begin(), all.end()); }

  Head head;
  std::vector<std::uint32_t> versions;
  http3::ClientCodec codec{http3::ClientCodec::Limits{}};
  quic::ClientBuffers buffers;
  std::optional<quic::ClientSocket> socket;
  std::unique_ptr<quic::Connection> connection;
};

Result<crypto::Ssl> client_tls(SSL_CTX* context, const std::string& name) {
  SSL_CTX_set_custom_verify(context, SSL_VERIFY_PEER, [](SSL*, std::uint8_t*) { return ssl_verify_ok; });
  crypto::Ssl ssl(SSL_new(context));
  const bool good = ssl && SSL_set1_groups_list(ssl.get(), kGroups) == 1 &&
                    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const std::uint8_t*>("\x02h3"), 3) == 0 &&
                    (name.empty() || SSL_set_tlsext_host_name(ssl.get(), name.c_str()) == 1);
  if (!good) return fail(crypto::kCryptoCall, crypto::drain_errors());
  SSL_set_connect_state(ssl.get());
  return ssl;
}

/// Alerts are told by other content types.
void keep_message(int from_client, int, int content_type, const void* bytes, std::size_t size, SSL*,
                  void* to) {
  auto& kept = *static_cast<std::vector<tls::HandshakeMessage>*>(to);
  if (content_type != SSL3_RT_HANDSHAKE || kept.size() >= kMostMessages) return;
  const Bytes message(static_cast<const std::byte*>(bytes), size);
  kept.push_back(tls::describe_message(from_client != 0, message, Clock::now()));
  if (size <= kMostContent) kept.back().content = as_text(message);
}

nghttp3_nv field(std::string_view name, std::string_view value) {
  return {reinterpret_cast<const std::uint8_t*>(name.data()),
          reinterpret_cast<const std::uint8_t*>(value.data()), name.size(), value.size(),
          NGHTTP3_NV_FLAG_NONE};
}

void send_request(Asking& a, const Http3Question& q) {
  const std::array fields = {field(":method", "GET"),          field(":scheme", "https"),
                             field(":authority", q.authority), field(":path", q.path),
                             field("user-agent", q.agent),     field("accept", "*/*")};
  if (!a.codec.ask(fields, {}, a.head)) a.head.over = true;
}

void note_session(const Asking& a, Http3Seen& out) {
  const SSL* const ssl = a.connection->tls().ssl();
  out.end = Http3Seen::End::shaken;
  out.suite = SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl));
  out.group = SSL_get_group_id(ssl);
  const STACK_OF(CRYPTO_BUFFER)* const shown = SSL_get0_peer_certificates(ssl);
  for (std::size_t i = 0; shown && i < sk_CRYPTO_BUFFER_num(shown) && i < kMostCertificates; ++i) {
    const CRYPTO_BUFFER* const one = sk_CRYPTO_BUFFER_value(shown, i);
    out.certificates.emplace_back(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(one)),
                                  CRYPTO_BUFFER_len(one));
  }
}

/// Why a connection came to nothing.
void note_failure(const Asking& a, bool heard, Http3Seen& out) {
  const Error* const why = a.connection->failure();
  if (out.has_session()) {
    out.why = why ? why->text() : "no answer came";
  } else if (heard) {
    out.end = Http3Seen::End::refused;
    out.why = why ? why->text() : "the handshake did not end in time";
  } else {
    out.end = Http3Seen::End::silent;
    out.why = "no datagram came back";
  }
}

struct Heard {
  std::size_t bytes = 0;
  int error = 0;
};

Heard hear(quic::ClientSocket& socket, quic::Connection& connection, TimePoint now) {
  Heard out;
  for (unsigned i = 0; i < kMostDatagrams; ++i) {
    const auto taken = socket.take(connection, now);
    out.bytes += taken.bytes;
    if (taken.error != 0) out.error = taken.error;
    if (taken.error != 0 || !taken.more) break;
  }
  return out;
}

/// Errors: crypto.call_failed, quic.socket_failed, quic.library_failed.
Result<> begin(Asking& a, const Http3Question& q, SSL_CTX* context) {
  static const quic::QuicConfig config;
  TRY(a.socket, quic::ClientSocket::open(q.address, a.buffers));
  TRY(auto ssl, client_tls(context, q.server_name));
  if (q.messages != nullptr) {
    SSL_set_msg_callback(ssl.get(), keep_message);
    SSL_set_msg_callback_arg(ssl.get(), q.messages);
  }
  quic::ClientWish wish;
  wish.path = a.socket->path();
  wish.ssl = std::move(ssl);
  wish.handshake_timeout = q.patience;
  wish.first_round_trip = kFirstRoundTrip;
  wish.qlog = q.qlog;
  TRY(a.connection, quic::connect(a, a.codec, config, std::move(wish), Clock::now()));
  return {};
}

/// Says goodbye and does not wait for an answer.
void end(Asking& a) {
  a.connection->close(NGHTTP3_H3_NO_ERROR, {});
  a.connection->produce(*a.socket, Clock::now());
  a.socket->flush();
}

}  // namespace

Task<Http3Seen> ask_over_http3(Loop& loop, Http3Question question) {
  Http3Seen out;
  out.port = question.address.port();
  out.version = quic::kVersion1;
  const crypto::SslCtx context(SSL_CTX_new(TLS_client_method()));
  const auto asking = std::make_unique<Asking>();
  Asking& a = *asking;
  if (const auto begun = begin(a, question, context.get()); !begun) {
    out.why = begun.error().text();
    co_return out;
  }
  Ear ear(loop, a.socket->fd());
  const TimePoint begun = Clock::now();
  bool heard = false, asked = false;
  for (TimePoint now = begun; now < begun + (heard ? question.patience : question.silence);) {
    if (a.connection->handshake_done() && !std::exchange(asked, true)) {
      note_session(a, out);
      send_request(a, question);
    }
    if (a.head.status >= 200 || a.head.over) break;
    a.connection->produce(*a.socket, now);
    a.socket->flush();
    if (!a.connection->open()) break;
    const Deadline until = begun + (heard ? question.patience : question.silence);
    co_await ear.until(std::min(a.connection->deadline(), until));
    now = Clock::now();
    const Heard got = hear(*a.socket, *a.connection, now);
    heard = heard || got.bytes != 0;
    if (got.error != 0 && !heard) {
      out.end = Http3Seen::End::closed;
      out.why = std::strerror(got.error);
      co_return out;
    }
    a.connection->expire(now);
  }
  out.versions = a.versions;
  out.status = a.head.status;
  if (out.status >= 200)
    out.end = Http3Seen::End::answered;
  else
    note_failure(a, heard, out);
  end(a);
  co_return out;
}

std::vector<std::uint32_t> read_quic_versions(Bytes datagram) {
  constexpr std::size_t kIds = 5, kVersion = 4;
  std::vector<std::uint32_t> out;
  const auto byte = [&](std::size_t at) { return std::to_integer<std::uint32_t>(datagram[at]); };
  if (datagram.size() < kIds + 2 || (byte(0) & 0x80) == 0) return out;
  if (byte(1) + byte(2) + byte(3) + byte(4) != 0) return out;
  std::size_t at = kIds;
  for (int id = 0; id < 2; ++id) {  // theirs and ours
    if (at >= datagram.size()) return out;
    at += 1 + byte(at);
  }
  for (; at + kVersion <= datagram.size(); at += kVersion)
    out.push_back(byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3));
  return out;
}

Task<std::vector<std::uint32_t>> ask_quic_versions(Loop& loop, SocketAddress address,
                                                   std::chrono::milliseconds silence) {
  const auto buffers = std::make_unique<quic::ClientBuffers>();
  auto socket = quic::ClientSocket::open(address, *buffers);
  std::vector<std::uint32_t> none;
  if (!socket) co_return none;
  const auto ids = crypto::random_bytes<16>();
  std::array<std::byte, kLeastInitial> hello{};
  const std::array<std::uint8_t, 6> begin = {
      0xc0, kNoVersion >> 24 & 0xff, kNoVersion >> 16 & 0xff, kNoVersion >> 8 & 0xff, kNoVersion & 0xff, 8};
  std::ranges::copy(std::as_bytes(std::span(begin)), hello.begin());
  std::ranges::copy(std::span(ids).first(8), hello.begin() + 6);
  hello[14] = std::byte{8};
  std::ranges::copy(std::span(ids).last(8), hello.begin() + 15);
  Ear ear(loop, socket->fd());
  const Deadline by = Clock::now() + silence;
  if (::send(socket->fd(), hello.data(), hello.size(), 0) < 0) co_return none;
  while (Clock::now() < by) {
    co_await ear.until(by);
    const ssize_t n = ::recv(socket->fd(), buffers->received.data(), buffers->received.size(), 0);
    if (n < 0 && errno != EAGAIN && errno != EINTR) co_return none;
    if (n <= 0) continue;
    auto versions = read_quic_versions(Bytes(buffers->received).first(static_cast<std::size_t>(n)));
    // Reserved ones only keep clients used to what they do not know.
    std::erase_if(versions, [](std::uint32_t v) { return (v & 0x0f0f0f0f) == 0x0a0a0a0a; });
    co_return versions;
  }
  co_return none;
}

std::string quic_version_name(std::uint32_t version) {
  if (version == quic::kVersion1) return "1";
  if (version == quic::kVersion2) return "2";
  return fmt::format("0x{:08x}", version);
}

}  // namespace sally::check
