// proto/http2/test_client.h - a client made of raw frames, and the connection of a ServerCodec. For tests
// only.
#pragma once
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loop/task.h"
#include "proto/echo_fixture.h"
#include "proto/http2/server_codec.h"

namespace sally::http2 {

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline std::string octets_of(std::uint64_t n, unsigned octets) {
  std::string out;
  while (octets-- > 0) out += static_cast<char>(n >> 8 * octets & 0xff);
  return out;
}
/// Any frame, right or wrong.
inline std::string frame(unsigned type, unsigned flags, std::uint32_t stream, std::string_view payload) {
  return octets_of(payload.size(), 3) + octets_of(type, 1) + octets_of(flags, 1) + octets_of(stream, 4) +
         std::string(payload);
}
inline std::string setting(unsigned id, std::uint32_t value) {
  return octets_of(id, 2) + octets_of(value, 4);
}

struct Header {
  std::string name, value;
  bool operator==(const Header&) const = default;
};
using Headers = std::vector<Header>;

inline Headers get(std::string path = "/", Headers more = {}) {
  Headers all{
      {":method", "GET"}, {":scheme", "https"}, {":authority", "example.com"}, {":path", std::move(path)}};
  for (Header& h : more) all.push_back(std::move(h));
  return all;
}
inline Headers post(Headers more = {}) {
  Headers all = get("/", std::move(more));
  all[0].value = "POST";
  return all;
}

/// A client's HPACK encoder: whatever it is given, also what no client may send.
class Packer {
 public:
  Packer() { nghttp2_hd_deflate_new(&deflater_, 4096); }
  ~Packer() { nghttp2_hd_deflate_del(deflater_); }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  std::string pack(const Headers& headers) {
    std::vector<nghttp2_nv> nva;
    for (const Header& h : headers)
      nva.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(h.name.data())),
                     reinterpret_cast<std::uint8_t*>(const_cast<char*>(h.value.data())), h.name.size(),
                     h.value.size(), NGHTTP2_NV_FLAG_NONE});
    std::string out(nghttp2_hd_deflate_bound(deflater_, nva.data(), nva.size()), '\0');
    const auto n = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(out.data()), out.size(),
                                         nva.data(), nva.size());
    out.resize(static_cast<std::size_t>(n));
    return out;
  }
  /// HEADERS with the whole block. Blocks must be sent in the order in which they were packed.
  std::string headers(std::uint32_t stream, const Headers& fields, bool end = true) {
    return frame(NGHTTP2_HEADERS, 0x4U | (end ? 0x1U : 0U), stream, pack(fields));
  }

 private:
  nghttp2_hd_deflater* deflater_ = nullptr;
};

/// What a client understood of one stream.
struct Got {
  Headers head, trailers;
  std::vector<Headers> interims;
  std::string body;
  bool ended = false;
  std::optional<std::uint32_t> reset;
  std::string field(std::string_view name) const {
    for (const Header& h : head)
      if (h.name == name) return h.value;
    return {};
  }
};

/// Reads what the server sent.
class Reading {
 public:
  Reading() { nghttp2_hd_inflate_new(&inflater_); }
  ~Reading() { nghttp2_hd_inflate_del(inflater_); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  std::map<std::uint32_t, Got> streams;
  std::vector<std::uint32_t> data_order;                                ///< stream of each DATA frame
  std::vector<std::pair<std::uint32_t, std::uint32_t>> goaways;         ///< last stream, code
  std::vector<std::pair<std::uint32_t, std::uint32_t>> window_updates;  ///< stream, bytes
  std::map<unsigned, std::uint32_t> settings;
  std::vector<std::string> pings;  ///< not replies
  std::size_t ping_replies = 0, settings_replies = 0, largest_data = 0;
  std::vector<unsigned> types;

  void take(std::string_view bytes) {
    left_ += bytes;
    while (left_.size() >= 9) {
      const std::size_t size = number(left_, 3);
      if (left_.size() < 9 + size) return;
      const std::string whole = left_.substr(0, 9 + size);
      left_.erase(0, 9 + size);
      one(number(whole.substr(3), 1), number(whole.substr(4), 1), number(whole.substr(5), 4),
          whole.substr(9));
    }
  }
  bool mid_frame() const { return !left_.empty(); }

 private:
  static std::uint32_t number(std::string_view s, unsigned octets) {
    std::uint32_t n = 0;
    for (unsigned i = 0; i < octets; ++i) n = n << 8 | static_cast<unsigned char>(s[i]);
    return n;
  }
  Headers unpack(std::string_view block) {
    Headers out;
    const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
    std::size_t left = block.size();
    for (;;) {
      nghttp2_nv nv;
      int flags = 0;
      const auto n = nghttp2_hd_inflate_hd2(inflater_, &nv, &flags, at, left, 1);
      if (n < 0) break;
      at += n;
      left -= static_cast<std::size_t>(n);
      if (flags & NGHTTP2_HD_INFLATE_EMIT)
        out.push_back({std::string(reinterpret_cast<char*>(nv.name), nv.namelen),
                       std::string(reinterpret_cast<char*>(nv.value), nv.valuelen)});
      if (flags & NGHTTP2_HD_INFLATE_FINAL) break;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return out;
  }
  void headers(Got& g, unsigned flags, const std::string& payload) {
    Headers h = unpack(payload);
    if (!h.empty() && h[0].name == ":status" && h[0].value[0] == '1')
      g.interims.push_back(std::move(h));
    else
      (g.head.empty() ? g.head : g.trailers) = std::move(h);
    g.ended |= (flags & 1) != 0;
  }
  void one(unsigned type, unsigned flags, std::uint32_t stream, const std::string& payload) {
    types.push_back(type);
    switch (type) {
      case NGHTTP2_DATA:
        data_order.push_back(stream);
        largest_data = std::max(largest_data, payload.size());
        streams[stream].body += payload;
        streams[stream].ended |= (flags & 1) != 0;
        break;
      case NGHTTP2_HEADERS:
        headers(streams[stream], flags, payload);
        break;
      case NGHTTP2_RST_STREAM:
        streams[stream].reset = number(payload, 4);
        break;
      case NGHTTP2_SETTINGS:
        settings_replies += flags & 1;
        for (std::size_t i = 0; i + 6 <= payload.size(); i += 6)
          settings[number(payload.substr(i), 2)] = number(payload.substr(i + 2), 4);
        break;
      case NGHTTP2_PING:
        if (flags & 1)
          ++ping_replies;
        else
          pings.push_back(payload);
        break;
      case NGHTTP2_GOAWAY:
        goaways.emplace_back(number(payload, 4), number(payload.substr(4), 4));
        break;
      case NGHTTP2_WINDOW_UPDATE:
        window_updates.emplace_back(stream, number(payload, 4));
        break;
      default:
        break;
    }
  }

  nghttp2_hd_inflater* inflater_ = nullptr;
  std::string left_;
};

/// What on_finished() told of an exchange.
struct Finished {
  std::string method, host, path, failure;
  int status;
  std::uint64_t sent_body_bytes;
};

/// Owns a codec and everything it needs, and reads what it sends. Answers each request by `handler`.
class TestConnection final : public CodecEvents, public ByteSink {
 public:
  using Handler = std::function<void(http::Exchange&)>;

  explicit TestConnection(Handler handler, http::HttpLimits limits = {},
                          std::size_t body_pipe_bytes = 64 * 1024)
      : limits_(limits), pool_(body_pipe_bytes, 4), handler_(std::move(handler)) {
    facts_.secure = true;
    stamp_.now = TimePoint(std::chrono::hours(1));
    codec_.emplace(pool_, limits_, *this, facts_, stamp_);
  }

  ServerCodec& codec() { return *codec_; }
  http::ExchangePool& pool() { return pool_; }
  http::Stamp& stamp() { return stamp_; }
  Packer& packer() { return packer_; }
  void end() { codec_.reset(); }

  std::size_t room_each = SIZE_MAX;  ///< bytes that each produce() may write
  bool producing = true;             ///< false: the socket takes nothing at all
  std::string error;                 ///< id of what receive() or produce() returned
  Reading got;
  std::vector<Finished> log;
  std::map<std::int64_t, http::Exchange*> open;
  bool sendable = false, overrun = false;
  std::size_t written = 0;

  /// The preface, an empty SETTINGS or the settings given, and the reply to the server's.
  void hello(std::string_view settings = {}) {
    feed(std::string(kPreface) + frame(NGHTTP2_SETTINGS, 0, 0, settings) +
         frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, {}));
  }
  void feed(std::string_view bytes, std::size_t cut = SIZE_MAX) {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, cut);
      left_ += piece;
      bytes.remove_prefix(piece.size());
      turn();
    }
  }
  void request(std::uint32_t stream, const Headers& fields, bool end = true) {
    feed(packer_.headers(stream, fields, end));
  }
  /// Goes on until nothing moves: what a connection does in one turn of its loop.
  void turn() {
    for (bool moved = true; moved;) {
      sendable = false;
      const std::size_t out_before = written, left_before = left_.size();
      if (!left_.empty() && !codec_->finished()) receive_left();
      if (producing) produce();
      moved = sendable || written != out_before || left_.size() != left_before;
      if (!producing) moved = false;
    }
  }
  std::string_view left() const { return left_; }

  void on_request(http::Exchange& x) override {
    open[x.stream_id] = &x;
    handler_(x);
  }
  void on_finished(http::Exchange& x) override {
    log.push_back({std::string(x.request.method_text), x.request.host, std::string(x.request.path),
                   std::string(x.failure), x.response.status, x.sent_body_bytes});
    open.erase(x.stream_id);
  }
  void on_sendable() override { sendable = true; }
  std::size_t room() const override { return room_; }
  void write(Bytes bytes) override {
    if (bytes.size() > room_ || bytes.empty()) overrun = true;
    room_ -= bytes.size();
    written += bytes.size();
    got.take(as_text(bytes));
  }

 private:
  void receive_left() {
    // A copy of exactly the size, gone after the call: a view kept by the codec shows under AddressSanitizer.
    const std::vector<char> copy(left_.begin(), left_.end());
    const auto used = codec_->receive(as_bytes(std::string_view(copy.data(), copy.size())));
    if (!used) error = used.error().kind().id;
    left_.erase(0, used.value_or(left_.size()));
  }
  void produce() {
    room_ = room_each;
    const auto more = codec_->produce(*this);
    if (!more && error.empty()) error = more.error().kind().id;
  }

  http::HttpLimits limits_;
  http::ConnectionFacts facts_;
  http::DateCache dates_;
  http::Stamp stamp_{dates_, 784111777, "sallyport"};
  http::ExchangePool pool_;
  Handler handler_;
  Packer packer_;
  std::optional<ServerCodec> codec_;
  std::string left_;
  std::size_t room_ = 0;
};

/// Answers with the path.
inline void hello(http::Exchange& x) {
  x.respond_text(200, "text/plain", "hello " + std::string(x.request.path));
}
/// Never answers: the test does.
inline void wait(http::Exchange&) {}

}  // namespace sally::http2
