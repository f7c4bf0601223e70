// Fuzzes what a server may say over HTTP/3: pieces of its streams, in the order of the input. Each piece is
// one byte that names the stream and says whether it ends, one for its length, and the bytes.
#include <algorithm>
#include <array>

#include "proto/http3/client_codec.h"
#include "quic/client_connection.h"

namespace sally::http3 {
namespace {

struct Nobody final : quic::ClientEvents, quic::StreamSource {
  Fault on_handshake() override { return std::nullopt; }
  Fault on_stream_data(std::int64_t, Bytes, bool) override { return std::nullopt; }
  Fault on_acknowledged(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_reset(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_closed(std::int64_t, std::uint64_t) override { return std::nullopt; }
  Fault on_room(std::int64_t) override { return std::nullopt; }
  std::expected<void, std::uint64_t> next(Next&) override { return {}; }
  void sent(std::int64_t, std::size_t) override {}
  void blocked(std::int64_t) override {}
  void shut(std::int64_t) override {}
};

struct Heard final : Request {
  void on_field(std::string_view name, std::string_view value) override {
    size += name.size() + value.size();
  }
  void on_head(unsigned status) override {
    if (status < 100 || status > 999) __builtin_trap();
  }
  void on_content(Bytes bytes) override { size += bytes.size(); }
  void on_whole() override { end(); }
  void on_lost(std::uint64_t) override { end(); }
  void end() {
    if (ended) __builtin_trap();
    ended = true;
  }
  std::size_t size = 0;
  bool ended = false;
};

constexpr std::array<std::int64_t, 8> kStreams = {0, 4, 3, 7, 11, 15, 0, 3};

nghttp3_nv field(std::string_view name, std::string_view value) {
  return {reinterpret_cast<const std::uint8_t*>(name.data()),
          reinterpret_cast<const std::uint8_t*>(value.data()), name.size(), value.size(),
          NGHTTP3_NV_FLAG_NONE};
}

}  // namespace
}  // namespace sally::http3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sally;
  using namespace sally::http3;
  static const quic::QuicConfig config;
  static const crypto::SslCtx context(SSL_CTX_new(TLS_method()));
  Nobody nobody;
  quic::ClientWish wish;
  wish.path = {*SocketAddress::numeric("127.0.0.1", 4000), *SocketAddress::numeric("127.0.0.1", 443)};
  wish.ssl.reset(SSL_new(context.get()));
  SSL_set_connect_state(wish.ssl.get());
  auto connection = quic::connect(nobody, nobody, config, std::move(wish), TimePoint(std::chrono::hours(1)));
  if (!connection) return 0;
  ClientCodec codec({.head_bytes = 4096});
  if (codec.begin(**connection, {2, 6, 10})) return 0;
  Heard first, second;
  const std::array fields = {field(":method", "GET"), field(":scheme", "https"),
                             field(":authority", "example.com"), field(":path", "/")};
  if (!codec.ask(0, fields, {}, first) || !codec.ask(4, fields, {}, second)) return 0;
  Bytes rest = as_bytes(std::span(data, size));
  while (rest.size() > 2) {
    const auto what = std::to_integer<std::size_t>(rest[0]);
    const std::size_t part = std::min(rest.size() - 2, std::to_integer<std::size_t>(rest[1]));
    if (codec.receive(kStreams[what % kStreams.size()], rest.subspan(2, part), (what & 0x80) != 0)) break;
    rest = rest.subspan(2 + part);
  }
  return 0;
}
