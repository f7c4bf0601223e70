// quic/test_client.h - a client of QUIC in memory, and a clock that only tests move. For tests only.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/entropy.h"
#include "crypto/issue.h"
#include "quic/connection.h"
#include "tls/server_identity.h"

namespace sally::quic {

using namespace std::chrono_literals;

inline std::shared_ptr<const tls::ServerIdentity> test_identity(
    const std::string& name = "example.com", std::shared_ptr<const tls::TicketKeys> tickets = nullptr) {
  auto key = crypto::PrivateKey::generate(crypto::NewKey::p256).value();
  crypto::CertificateDraft draft;
  draft.common_name = name;
  draft.names = {name};
  draft.not_before = WallClock::now() - 1h;
  draft.not_after = WallClock::now() + 24h;
  auto leaf = crypto::issue(draft, key, {nullptr, key}).value();
  const crypto::CertificateChain chain{std::move(leaf), {}, std::move(key), {}};
  const crypto::CertificateChain* const chains[] = {&chain};
  return tls::ServerIdentity::make({tls::TlsConfig{}, chains, name, std::move(tickets), true}).value();
}

inline Path test_path(std::uint16_t port = 4000) {
  return {*SocketAddress::numeric("127.0.0.1", 443), *SocketAddress::numeric("127.0.0.1", port)};
}

/// Keeps datagrams one by one.
struct Pile final : DatagramSink {
  std::span<std::uint8_t> room(std::size_t size) override {
    scratch.resize(std::max(size, scratch.size()));
    return std::span(scratch).first(size);
  }
  void commit(std::size_t size, const Path&, std::uint8_t) override {
    datagrams.emplace_back(reinterpret_cast<const char*>(scratch.data()), size);
  }
  std::vector<std::uint8_t> scratch;
  std::vector<std::string> datagrams;
};

/// What a client keeps of a connection for the next one.
struct Remembered {
  bssl::UniquePtr<SSL_SESSION> session;
  std::vector<std::uint8_t> parameters;
};

/// What a client asks for.
struct Wish {
  std::string name = "example.com";
  std::uint32_t version = kVersion1;
  const Remembered* remembered = nullptr;  ///< comes back, with early data
  const char* groups = nullptr;            ///< the first is what a key is sent for
};

class TestClient {
 public:
  explicit TestClient(TimePoint now, const Wish& wish = {}) : context_(SSL_CTX_new(TLS_method())) {
    const Path path = test_path();
    const auto id = crypto::random_bytes<16>();
    ngtcp2_cid theirs, ours;
    ngtcp2_cid_init(&theirs, as_u8(Bytes(id)), 8);
    ngtcp2_cid_init(&ours, as_u8(Bytes(id)) + 8, 8);
    ngtcp2_settings settings;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = stamp_of(now);
    ngtcp2_transport_params parameters;
    ngtcp2_transport_params_default(&parameters);
    parameters.initial_max_stream_data_bidi_local = parameters.initial_max_stream_data_uni = window;
    parameters.initial_max_data = 4 * window;
    parameters.initial_max_streams_uni = 3;
    const ngtcp2_path at{{const_cast<sockaddr*>(path.remote.get()), path.remote.length()},
                         {const_cast<sockaddr*>(path.local.get()), path.local.length()},
                         nullptr};
    const ngtcp2_callbacks callbacks = make_callbacks();
    ngtcp2_conn_client_new(&conn, &theirs, &ours, &at, wish.version, &callbacks, &settings, &parameters,
                           nullptr, this);
    if (wish.remembered)
      ngtcp2_conn_decode_and_set_0rtt_transport_params(conn, wish.remembered->parameters.data(),
                                                       wish.remembered->parameters.size());
    handshake_.ask(conn, make_tls(wish)).value();
  }
  ~TestClient() { ngtcp2_conn_del(conn); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  void receive(std::string_view datagram, TimePoint now) {
    const Path path = test_path();
    const ngtcp2_path at{{const_cast<sockaddr*>(path.remote.get()), path.remote.length()},
                         {const_cast<sockaddr*>(path.local.get()), path.local.length()},
                         nullptr};
    const ngtcp2_pkt_info facts{};
    const int rv =
        ngtcp2_conn_read_pkt(conn, &at, &facts, as_u8(as_bytes(datagram)), datagram.size(), stamp_of(now));
    if (rv != 0 && error == 0) error = rv;
  }

  /// Sends what is due; bytes of `source`, once the handshake is done.
  std::vector<std::string> produce(TimePoint now, StreamSource* source = nullptr) {
    std::vector<std::string> out;
    std::array<std::uint8_t, 1500> room;
    for (std::size_t calls = 0; calls < 10'000 && error == 0; ++calls) {
      StreamSource::Next next;
      if (source != nullptr && (ready || handshake_.early())) {
        if (!source->next(next)) break;
      }
      const std::uint32_t flags =
          NGTCP2_WRITE_STREAM_FLAG_MORE | (next.end ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0u);
      ngtcp2_ssize taken = -1;
      const ngtcp2_ssize n =
          ngtcp2_conn_writev_stream(conn, nullptr, nullptr, room.data(), room.size(), &taken, flags,
                                    next.stream, next.pieces.data(), next.count, stamp_of(now));
      if (taken >= 0 && next.stream >= 0) source->sent(next.stream, static_cast<std::size_t>(taken));
      if (n == NGTCP2_ERR_STREAM_DATA_BLOCKED) source->blocked(next.stream);
      if (n == NGTCP2_ERR_STREAM_SHUT_WR || n == NGTCP2_ERR_STREAM_NOT_FOUND) source->shut(next.stream);
      if (n == NGTCP2_ERR_WRITE_MORE || n == NGTCP2_ERR_STREAM_DATA_BLOCKED ||
          n == NGTCP2_ERR_STREAM_SHUT_WR || n == NGTCP2_ERR_STREAM_NOT_FOUND)
        continue;
      if (n < 0) error = static_cast<int>(n);
      if (n <= 0) break;
      out.emplace_back(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(n));
    }
    ngtcp2_conn_update_pkt_tx_time(conn, stamp_of(now));
    return out;
  }

  Deadline deadline() const {
    const ngtcp2_tstamp at = ngtcp2_conn_get_expiry(conn);
    return at == UINT64_MAX ? kNever : TimePoint(std::chrono::nanoseconds(at));
  }
  void expire(TimePoint now) {
    if (deadline() <= now)
      if (const int rv = ngtcp2_conn_handle_expiry(conn, stamp_of(now)); rv != 0 && error == 0) error = rv;
  }

  Remembered remember() const {
    Remembered out;
    out.session = bssl::UpRef(session_);
    out.parameters.resize(512);
    const ngtcp2_ssize n =
        ngtcp2_conn_encode_0rtt_transport_params(conn, out.parameters.data(), out.parameters.size());
    out.parameters.resize(static_cast<std::size_t>(std::max<ngtcp2_ssize>(n, 0)));
    return out;
  }

  static constexpr std::uint64_t window = 256 * 1024;
  ngtcp2_conn* conn = nullptr;
  bool ready = false;
  bool refused = false;  ///< its early data: all of its streams are forgotten
  int error = 0;         ///< ngtcp2's, of the first call that failed
  std::string token;
  std::function<void()> on_ready = [] {};
  std::function<void(std::int64_t, Bytes, bool)> on_data = [](std::int64_t, Bytes, bool) {};
  std::function<void(std::int64_t, std::uint64_t)> on_acknowledged = [](std::int64_t, std::uint64_t) {};
  std::function<void(std::int64_t)> on_room = [](std::int64_t) {};
  std::function<void(std::int64_t, std::uint64_t)> on_closed = [](std::int64_t, std::uint64_t) {};
  const Handshake& tls() const { return handshake_; }

 private:
  crypto::Ssl make_tls(const Wish& wish) {
    SSL_CTX* const c = context_.get();
    SSL_CTX_set_app_data(c, this);
    SSL_CTX_set_early_data_enabled(c, 1);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, [](SSL* ssl, SSL_SESSION* session) {
      static_cast<TestClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->session_.reset(session);
      return 1;
    });
    crypto::Ssl ssl(SSL_new(c));
    SSL_set_connect_state(ssl.get());
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const std::uint8_t*>("\x02h3"), 3);
    if (!wish.name.empty()) SSL_set_tlsext_host_name(ssl.get(), wish.name.c_str());
    if (wish.groups) SSL_set1_groups_list(ssl.get(), wish.groups);
    if (wish.remembered) SSL_set_session(ssl.get(), wish.remembered->session.get());
    return ssl;
  }
  static TestClient& of(void* user) { return *static_cast<TestClient*>(user); }
  static void random(std::uint8_t* to, std::size_t size, const ngtcp2_rand_ctx*) {
    crypto::fill_random(std::as_writable_bytes(std::span(to, size)));
  }
  static int note_refusal(ngtcp2_conn*, void* user) {
    of(user).refused = true;
    return 0;
  }
  static ngtcp2_callbacks make_callbacks() {
    ngtcp2_callbacks c{};
    set_crypto_callbacks(c);
    c.client_initial = [](ngtcp2_conn* conn, void* user) {
      const int rv = install_initial_keys(conn, *ngtcp2_conn_get_dcid(conn));
      return rv != 0 ? rv : of(user).handshake_.begin();
    };
    c.recv_retry = [](ngtcp2_conn* conn, const ngtcp2_pkt_hd* head, void*) {
      return install_initial_keys(conn, head->scid);
    };
    c.recv_crypto_data = [](ngtcp2_conn*, ngtcp2_encryption_level level, std::uint64_t,
                            const std::uint8_t* data, std::size_t size, void* user) {
      return of(user).handshake_.take(level, as_bytes(std::span(data, size)));
    };
    c.tls_early_data_rejected = note_refusal;
    c.handshake_completed = [](ngtcp2_conn*, void* user) {
      of(user).ready = true;
      of(user).on_ready();
      return 0;
    };
    c.recv_stream_data = [](ngtcp2_conn*, std::uint32_t flags, std::int64_t id, std::uint64_t,
                            const std::uint8_t* data, std::size_t size, void* user, void*) {
      of(user).on_data(id, as_bytes(std::span(data, size)), (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0);
      return 0;
    };
    c.acked_stream_data_offset = [](ngtcp2_conn*, std::int64_t id, std::uint64_t, std::uint64_t size,
                                    void* user, void*) {
      of(user).on_acknowledged(id, size);
      return 0;
    };
    c.stream_close = [](ngtcp2_conn*, std::uint32_t, std::int64_t id, std::uint64_t code, void* user, void*) {
      of(user).on_closed(id, code);
      return 0;
    };
    c.extend_max_stream_data = [](ngtcp2_conn*, std::int64_t id, std::uint64_t, void* user, void*) {
      of(user).on_room(id);
      return 0;
    };
    c.recv_new_token = [](ngtcp2_conn*, const std::uint8_t* at, std::size_t size, void* user) {
      of(user).token.assign(reinterpret_cast<const char*>(at), size);
      return 0;
    };
    c.rand = random;
    c.get_new_connection_id = [](ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* reset, std::size_t size, void*) {
      random(id->data, size, nullptr);
      id->datalen = size;
      random(reset, NGTCP2_STATELESS_RESET_TOKENLEN, nullptr);
      return 0;
    };
    c.get_path_challenge_data = [](ngtcp2_conn*, std::uint8_t* to, void*) {
      random(to, NGTCP2_PATH_CHALLENGE_DATALEN, nullptr);
      return 0;
    };
    c.version_negotiation = [](ngtcp2_conn*, std::uint32_t, const ngtcp2_cid*, void*) {
      return NGTCP2_ERR_CALLBACK_FAILURE;
    };
    return c;
  }

  crypto::SslCtx context_;
  bssl::UniquePtr<SSL_SESSION> session_;  ///< of the last ticket
  Handshake handshake_;
};

/// A client and the server's connection, and the datagrams between them.
class Link {
 public:
  explicit Link(const Connection::Parts& parts, const Wish& wish = {}) : client(now, wish), parts_(parts) {}

  /// Carries until nothing is on its way and no timer is due within a second of the tests' clock.
  void run(StreamSource* of_client = nullptr) {
    for (int idle = 0, rounds = 0; idle < 200 && rounds < 5000; ++rounds) {
      bool moved = carry(client.produce(now, of_client), true);
      Pile pile;
      if (server) server->produce(pile, now);
      moved = carry(pile.datagrams, false) || moved;
      if (server && server->gone()) return;
      now += 5ms;
      client.expire(now);
      if (server) server->expire(now);
      idle = moved ? 0 : idle + 1;
    }
  }
  bool carry(const std::vector<std::string>& datagrams, bool to_server) {
    for (const std::string& one : datagrams) {
      ++count;
      if (lose(count)) continue;
      if (!to_server)
        client.receive(one, now);
      else
        deliver(one);
    }
    return !datagrams.empty();
  }
  void deliver(std::string_view datagram) {
    if (!server) accept(datagram);
    if (server) server->receive(test_path(), as_bytes(datagram), 0, now);
  }

  TimePoint now = TimePoint(1h);
  TestClient client;
  std::unique_ptr<Connection> server;
  std::size_t count = 0;
  std::function<bool(std::size_t)> lose = [](std::size_t) { return false; };
  std::function<void(Connection&)> on_accept = [](Connection&) {};

 private:
  void accept(std::string_view datagram) {
    ngtcp2_pkt_hd head;
    if (ngtcp2_accept(&head, as_u8(as_bytes(datagram)), datagram.size()) != 0) return;
    Arrival arrival;
    arrival.path = test_path();
    arrival.version = head.version;
    arrival.client_id = as_bytes(std::span(head.scid.data, head.scid.datalen));
    arrival.destination = as_bytes(std::span(head.dcid.data, head.dcid.datalen));
    server = Connection::accept(parts_, arrival, now).value();
    on_accept(*server);
  }

  const Connection::Parts parts_;
};

}  // namespace sally::quic
