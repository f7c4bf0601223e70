// proto/http3/test_client.h - a client of HTTP/3 over a QUIC connection in memory, and the connection of a
// ServerCodec. For tests only.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "proto/http3/server_codec.h"
#include "quic/test_client.h"
#include "quic/zero_rtt.h"

namespace sally::http3 {

using namespace std::chrono_literals;

using Header = std::pair<std::string, std::string>;

struct Got {
  std::vector<Header> fields, trailers;
  std::string body;
  bool ended = false;
  std::string field(std::string_view name) const {
    for (const Header& h : fields)
      if (h.first == name) return h.second;
    return "(none)";
  }
};

/// nghttp3's client, on a quic::TestClient.
class Asker final : public quic::StreamSource {
 public:
  explicit Asker(quic::TestClient& client) : client_(client) {
    static const nghttp3_callbacks kCallbacks = callbacks();
    nghttp3_settings settings;
    nghttp3_settings_default(&settings);
    nghttp3_conn* made = nullptr;
    nghttp3_conn_client_new(&made, &kCallbacks, &settings, nullptr, this);
    session_.reset(made);
    client.on_ready = [this] { open_streams(); };
    client.on_data = [this](std::int64_t id, Bytes bytes, bool end) {
      const auto n = nghttp3_conn_read_stream(session_.get(), id, as_u8(bytes), bytes.size(), end);
      if (n < 0) fault = static_cast<int>(n);
      if (n > 0) credit(id, static_cast<std::uint64_t>(n));
    };
    client.on_acknowledged = [this](std::int64_t id, std::uint64_t n) {
      nghttp3_conn_add_ack_offset(session_.get(), id, n);
    };
    client.on_room = [this](std::int64_t id) { nghttp3_conn_unblock_stream(session_.get(), id); };
    client.on_closed = [this](std::int64_t id, std::uint64_t code) {
      codes[id] = code;
      nghttp3_conn_close_stream(session_.get(), id, code);
    };
  }

  /// The stream's id. body: nothing where it is empty. stays_open: more may follow, until finish().
  std::int64_t ask(std::vector<Header> fields, std::string body = {}, bool stays_open = false) {
    std::int64_t id = -1;
    if (ngtcp2_conn_open_bidi_stream(client_.conn, &id, nullptr) != 0) return -1;
    std::vector<nghttp3_nv> list;
    for (const Header& h : fields)
      list.push_back({reinterpret_cast<const std::uint8_t*>(h.first.data()),
                      reinterpret_cast<const std::uint8_t*>(h.second.data()), h.first.size(), h.second.size(),
                      NGHTTP3_NV_FLAG_NONE});
    bodies_[id] = std::move(body);
    if (stays_open) open_.insert(id);
    const nghttp3_data_reader reader{read_body};
    nghttp3_conn_submit_request(session_.get(), id, list.data(), list.size(),
                                bodies_[id].empty() && !stays_open ? nullptr : &reader, nullptr);
    return id;
  }

  /// Ours; by itself when the handshake is done, or before by whoever has early data.
  void open_streams() {
    if (std::exchange(has_streams_, true)) return;
    std::int64_t ids[3];
    for (std::int64_t& id : ids) ngtcp2_conn_open_uni_stream(client_.conn, &id, nullptr);
    nghttp3_conn_bind_control_stream(session_.get(), ids[0]);
    nghttp3_conn_bind_qpack_streams(session_.get(), ids[1], ids[2]);
  }
  void finish(std::int64_t id) {
    open_.erase(id);
    nghttp3_conn_resume_stream(session_.get(), id);
  }

  std::expected<void, std::uint64_t> next(Next& next) override {
    int end = 0;
    std::array<nghttp3_vec, kPieces> pieces;
    const auto n =
        nghttp3_conn_writev_stream(session_.get(), &next.stream, &end, pieces.data(), pieces.size());
    if (n < 0) return std::unexpected(1);
    next.count = static_cast<std::size_t>(n);
    next.end = end != 0;
    for (std::size_t i = 0; i < next.count; ++i) next.pieces[i] = {pieces[i].base, pieces[i].len};
    return {};
  }
  void sent(std::int64_t id, std::size_t n) override { nghttp3_conn_add_write_offset(session_.get(), id, n); }
  void blocked(std::int64_t id) override { nghttp3_conn_block_stream(session_.get(), id); }
  void shut(std::int64_t id) override { nghttp3_conn_shutdown_stream_write(session_.get(), id); }

  std::map<std::int64_t, Got> got;
  std::map<std::int64_t, std::uint64_t> codes;  ///< of streams that are closed
  std::int64_t goaway = -1;
  int fault = 0;

 private:
  static Asker& of(void* user) { return *static_cast<Asker*>(user); }
  static Header header(nghttp3_rcbuf* name, nghttp3_rcbuf* value) {
    const auto n = nghttp3_rcbuf_get_buf(name), v = nghttp3_rcbuf_get_buf(value);
    return {std::string(reinterpret_cast<char*>(n.base), n.len),
            std::string(reinterpret_cast<char*>(v.base), v.len)};
  }
  void credit(std::int64_t id, std::uint64_t n) {
    ngtcp2_conn_extend_max_stream_offset(client_.conn, id, n);
    ngtcp2_conn_extend_max_offset(client_.conn, n);
  }
  static nghttp3_ssize read_body(nghttp3_conn*, std::int64_t id, nghttp3_vec* to, std::size_t,
                                 std::uint32_t* flags, void* user, void*) {
    const std::string& body = of(user).bodies_[id];
    const bool fresh = of(user).begun_.insert(id).second && !body.empty();
    if (!fresh && of(user).open_.contains(id)) return NGHTTP3_ERR_WOULDBLOCK;
    if (!of(user).open_.contains(id)) *flags |= NGHTTP3_DATA_FLAG_EOF;
    if (!fresh) return 0;
    *to = {reinterpret_cast<std::uint8_t*>(const_cast<char*>(body.data())), body.size()};
    return 1;
  }
  static nghttp3_callbacks callbacks() {
    nghttp3_callbacks c{};
    c.recv_header = [](nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name,
                       nghttp3_rcbuf* value, std::uint8_t, void* user, void*) {
      of(user).got[id].fields.push_back(header(name, value));
      return 0;
    };
    c.recv_trailer = [](nghttp3_conn*, std::int64_t id, std::int32_t, nghttp3_rcbuf* name,
                        nghttp3_rcbuf* value, std::uint8_t, void* user, void*) {
      of(user).got[id].trailers.push_back(header(name, value));
      return 0;
    };
    c.recv_data = [](nghttp3_conn*, std::int64_t id, const std::uint8_t* at, std::size_t n, void* user,
                     void*) {
      of(user).got[id].body.append(reinterpret_cast<const char*>(at), n);
      of(user).credit(id, n);
      return 0;
    };
    c.deferred_consume = [](nghttp3_conn*, std::int64_t id, std::size_t n, void* user, void*) {
      of(user).credit(id, n);
      return 0;
    };
    c.end_stream = [](nghttp3_conn*, std::int64_t id, void* user, void*) {
      of(user).got[id].ended = true;
      return 0;
    };
    c.stop_sending = [](nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
      ngtcp2_conn_shutdown_stream_read(of(user).client_.conn, 0, id, code);
      return 0;
    };
    c.shutdown = [](nghttp3_conn*, std::int64_t id, void* user) {
      of(user).goaway = id;
      return 0;
    };
    return c;
  }

  quic::TestClient& client_;
  std::unique_ptr<nghttp3_conn, FreeSession> session_;
  std::map<std::int64_t, std::string> bodies_;
  std::set<std::int64_t> open_, begun_;
  bool has_streams_ = false;
};

/// What the log would hear.
struct Ended {
  std::string path, failure;
  int status = 0;
  std::uint64_t sent_body_bytes = 0;
};

/// A server whose every request `answer` answers, and a client of it.
class TestConnection final : private quic::ConnectionEvents, private CodecEvents {
 public:
  using Answer = std::function<void(http::Exchange&)>;

  explicit TestConnection(Answer answer, const http::HttpLimits& limits = {}, const quic::Wish& wish = {})
      : limits_(limits),
        answer_(std::move(answer)),
        pool_(limits_.h2.stream_window, 16),
        stamp_{date_, 784111777, "sallyport", TimePoint(1h)},
        codec(pool_, config, *this, facts_, stamp_),
        link({*this, codec, ids_, config, 0, 10s, 16384, pool_.body_pipe_bytes()}, wish),
        client(link.client) {
    facts_.secure = true;
    link.on_accept = [this](quic::Connection& made) { server_ = &made; };
    if (wish.remembered) {
      client.open_streams();
      return;
    }
    link.carry(link.client.produce(link.now), true);
    run();
  }
  ~TestConnection() { link.server.reset(); }

  void run() {
    for (int i = 0; i < 2; ++i) link.run(&client);
  }
  /// The client's first flight alone, with early data if it came back.
  void send_first() { link.carry(link.client.produce(link.now, &client), true); }
  http::ExchangePool& pool() { return pool_; }

 private:
  http::HttpLimits limits_;
  Answer answer_;
  http::ExchangePool pool_;
  http::DateCache date_;
  http::Stamp stamp_;
  http::ConnectionFacts facts_;
  const quic::ConnectionIds ids_;
  quic::Connection* server_ = nullptr;

 public:
  quic::QuicConfig config;
  std::vector<Ended> log;
  ServerCodec codec;
  quic::Link link;
  Asker client;

 private:
  Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek&) override {
    static const auto identity = quic::test_identity("example.com", std::make_shared<tls::TicketKeys>(1));
    return identity;
  }
  quic::EarlyTerms early_terms() override {
    static quic::EarlyData early;
    return {early.terms(config, 1, 1), &early.used()};
  }
  Fault on_early_data() override {
    facts_.early = true;
    return codec.begin_early(*server_, limits_);
  }
  Fault on_handshake() override {
    return std::exchange(facts_.early, false) ? codec.end_early() : codec.begin(*server_, limits_);
  }
  Fault on_stream_data(std::int64_t s, Bytes bytes, bool end) override {
    return codec.receive(s, bytes, end);
  }
  Fault on_acknowledged(std::int64_t s, std::uint64_t n) override { return codec.acknowledged(s, n); }
  Fault on_reset(std::int64_t s, std::uint64_t e) override { return codec.reset_by_client(s, e); }
  Fault on_closed(std::int64_t s, std::uint64_t e) override { return codec.closed(s, e); }
  Fault on_room(std::int64_t s) override { return codec.room_again(s); }
  void on_id(const quic::ConnectionId&) override {}
  void on_id_gone(Bytes) override {}
  void on_request(http::Exchange& x) override { answer_(x); }
  void on_finished(http::Exchange& x) override {
    log.push_back(
        {std::string(x.request.path), std::string(x.failure), x.response.status, x.sent_body_bytes});
  }
  void on_sendable() override {}
};

inline std::vector<Header> get(std::string path = "/", std::vector<Header> more = {}) {
  std::vector<Header> all{
      {":method", "GET"}, {":scheme", "https"}, {":authority", "example.com"}, {":path", std::move(path)}};
  for (Header& h : more) all.push_back(std::move(h));
  return all;
}
inline std::vector<Header> post(std::vector<Header> more = {}) {
  std::vector<Header> all = get("/", std::move(more));
  all[0].second = "POST";
  return all;
}

}  // namespace sally::http3
