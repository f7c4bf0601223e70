// proto/http2/server_codec_bench.cpp - what a small request costs in the codec alone, no socket and no TLS.
//
//   server_codec_bench [requests [streams]]     prints nanoseconds for each request and the memory of an idle
//   connection; run it under callgrind for instructions
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "proto/http2/server_codec.h"
#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

/// Answers everything with the same prepared 1 KiB; gathers what is written as a record layer would.
class Server final : public CodecEvents, public ByteSink {
 public:
  Server() : codec_(pool_, limits_, *this, facts_, stamp_) {
    facts_.secure = true;
    prepared_.fields.add("content-type", "text/html");
    prepared_.fields.add("content-length", "1024");
    prepared_.fields.add("etag", "\"0123456789abcdef\"");
    prepared_.fields.add("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    prepared_.fields.add("accept-ranges", "bytes");
    added_.fields.add("x-content-type-options", "nosniff");
  }
  bool serve(std::string_view requests) {
    const auto used = codec_.receive(as_bytes(requests));
    return used && *used == requests.size() && codec_.produce(*this).has_value() && pool_.open() == 0;
  }

  void on_request(http::Exchange& x) override {
    x.added = &added_;
    x.response.status = 200;
    x.response.prepared = &prepared_;
    x.response.body = http::Body::memory(as_bytes(*content_), content_);
    x.respond();
  }
  void on_finished(http::Exchange&) override {}
  void on_sendable() override {}
  std::size_t room() const override { return 262'144; }
  void write(Bytes bytes) override {
    while (!bytes.empty()) {
      const std::size_t n = std::min(bytes.size(), record_.size() - at_);
      std::memcpy(record_.data() + at_, bytes.data(), n);
      at_ = (at_ + n) % record_.size();
      bytes = bytes.subspan(n);
    }
  }

 private:
  http::ExchangePool pool_{64 * 1024, 256};
  http::HttpLimits limits_;
  http::ConnectionFacts facts_;
  http::DateCache dates_;
  http::Stamp stamp_{dates_, 784111777, "sallyport"};
  http::PreparedFields prepared_, added_;
  std::shared_ptr<const std::string> content_ = std::make_shared<std::string>(1024, 'x');
  ServerCodec codec_;
  std::vector<std::byte> record_ = std::vector<std::byte>(16384);
  std::size_t at_ = 0;
};

int run(long count, long streams) {
  Server server;
  Packer packer;
  const Headers head{{":path", "/1k.html"},
                     {":scheme", "https"},
                     {":authority", "localhost:8443"},
                     {":method", "GET"},
                     {"user-agent", "load"}};
  std::string first = std::string(kPreface) + frame(NGHTTP2_SETTINGS, 0, 0, {}) + packer.headers(1, head);
  if (!server.serve(first)) return 1;
  const std::string one = packer.headers(3, head);
  std::uint32_t id = 3;
  std::string batch;
  const auto begin = std::chrono::steady_clock::now();
  for (long i = 0; i < count; i += streams) {
    batch = frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(static_cast<std::uint64_t>(streams) * 1024, 4));
    for (long s = 0; s < streams; ++s, id += 2) {
      batch += one;
      for (unsigned k = 0; k < 4; ++k)
        batch[batch.size() - one.size() + 5 + k] = static_cast<char>(id >> 8 * (3 - k) & 0xff);
    }
    if (!server.serve(batch)) return 1;
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  std::printf("%5.0f ns a request, %ld at once\n", took.count() / static_cast<double>(count), streams);
  return 0;
}

void idle() {
  const Headers head{
      {":path", "/"}, {":scheme", "https"}, {":authority", "localhost:8443"}, {":method", "GET"}};
  constexpr std::size_t kCount = 1000;
  std::vector<std::unique_ptr<Server>> all;
  for (std::size_t i = 0; i < kCount; ++i) all.push_back(std::make_unique<Server>());
  const auto before = mallinfo2().uordblks;
  for (auto& s : all) {
    Packer packer;
    s->serve(std::string(kPreface) + frame(NGHTTP2_SETTINGS, 0, 0, {}) + packer.headers(1, head));
  }
  const auto answered = mallinfo2().uordblks;
  all.clear();
  std::printf(
      "%zu bytes more for each connection after its first answer (an exchange kept by each bench server "
      "included)\n",
      (answered - before) / kCount);
  const auto bare = mallinfo2().uordblks;
  http::HttpLimits limits;
  std::vector<Session> sessions;
  for (std::size_t i = 0; i < kCount; ++i)
    sessions.push_back(make_session(
        *[] {
          static nghttp2_session_callbacks* c = nullptr;
          if (c == nullptr) nghttp2_session_callbacks_new(&c);
          return c;
        }(),
        limits, 65536, nullptr));
  std::printf("%zu bytes for nghttp2's session, %zu for the codec\n", (mallinfo2().uordblks - bare) / kCount,
              sizeof(ServerCodec));
}

}  // namespace
}  // namespace sally::http2

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  const long streams = argc > 2 ? std::atol(argv[2]) : 32;
  const int failed = sally::http2::run(count, streams);
  if (argc < 2) sally::http2::idle();
  return failed;
}
