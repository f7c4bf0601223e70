// proto/http1/server_codec_bench.cpp - what a small request costs in the codec alone, no socket and no TLS.
//
//   server_codec_bench [requests [load | browser]]     prints nanoseconds for each request; run it under
//   callgrind for instructions
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "proto/http1/server_codec.h"

namespace sally::http1 {
namespace {

constexpr std::string_view kLoadRequest =
    "GET /1k.html HTTP/1.1\r\nHost: localhost:8443\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n";
constexpr std::string_view kBrowserRequest =
    "GET /assets/app.css?v=12 HTTP/1.1\r\nHost: www.example.com\r\nConnection: keep-alive\r\n"
    "sec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\nsec-ch-ua-mobile: ?0\r\n"
    "sec-ch-ua-platform: \"Linux\"\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
    "like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nAccept: text/css,*/*;q=0.1\r\nSec-Fetch-Site: "
    "same-origin\r\n"
    "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: style\r\nReferer: https://www.example.com/\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\r\n";

/// Answers everything with the same prepared 1 KiB; gathers what is written as a record layer would.
class Server final : public CodecEvents, public ByteSink {
 public:
  Server() : codec_(pool_, limits_, *this, facts_, stamp_) {
    prepared_.http1 =
        "content-type: text/html\r\ncontent-length: 1024\r\netag: \"0123456789abcdef\"\r\n"
        "last-modified: Sun, 06 Nov 1994 08:49:37 GMT\r\naccept-ranges: bytes\r\n";
    prepared_.fields.add("content-type", "text/html");
    prepared_.fields.add("content-length", "1024");
    prepared_.fields.add("etag", "\"0123456789abcdef\"");
    prepared_.fields.add("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT");
    prepared_.fields.add("accept-ranges", "bytes");
  }
  bool serve(std::string_view request) {
    at_ = 0;
    const auto used = codec_.receive(as_bytes(request));
    return used && *used == request.size() && codec_.produce(*this).has_value() && at_ > 1024;
  }

  void on_request(http::Exchange& x) override {
    x.response.status = 200;
    x.response.prepared = &prepared_;
    x.response.body = http::Body::memory(as_bytes(*content_), content_);
    x.respond();
  }
  void on_finished(http::Exchange&) override {}
  void on_sendable() override {}
  std::size_t room() const override { return record_.size() - at_; }
  void write(Bytes bytes) override {
    std::memcpy(record_.data() + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

 private:
  http::ExchangePool pool_{64 * 1024, 4};
  http::HttpLimits limits_;
  http::ConnectionFacts facts_;
  http::DateCache dates_;
  http::Stamp stamp_{dates_, 784111777, "sallyport"};
  http::PreparedFields prepared_;
  std::shared_ptr<const std::string> content_ = std::make_shared<std::string>(1024, 'x');
  ServerCodec codec_;
  std::vector<std::byte> record_ = std::vector<std::byte>(16384);
  std::size_t at_ = 0;
};

int run(std::string_view name, std::string_view request, long count) {
  Server server;
  const auto begin = std::chrono::steady_clock::now();
  for (long i = 0; i < count; ++i)
    if (!server.serve(request)) return 1;
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  std::printf("%-8s %5.0f ns a request of %zu bytes\n", std::string(name).c_str(),
              took.count() / double(count), request.size());
  return 0;
}

}  // namespace
}  // namespace sally::http1

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  const std::string_view only = argc > 2 ? argv[2] : "";
  int failed = 0;
  if (only != "browser") failed += sally::http1::run("load", sally::http1::kLoadRequest, count);
  if (only != "load") failed += sally::http1::run("browser", sally::http1::kBrowserRequest, count);
  return failed;
}
