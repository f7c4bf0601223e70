// Bytes of a server, cut as the first octet says, to a client with three requests of which one leaves early.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "proto/http2/client_codec.h"
#include "proto/http2/request_fields.h"

namespace {

using namespace sally;
using namespace sally::http2;

constexpr std::size_t kWindow = 4096;

struct Stream final : ClientStream {
  explicit Stream(ClientCodec& owner) : ClientStream({kWindow, kWindow}), codec(owner) {
    memory_ = &memory;
    fields_ = &fields;
    trailers_ = &trailers;
  }
  ~Stream() { codec.detach(*this); }
  void on_interim(int status) override {
    if (status >= 200) std::abort();
    fields.clear();
  }
  void on_final(int status, std::optional<std::uint64_t>) override {
    if (std::exchange(final, true) || status < 200) std::abort();
    if (leaves) codec.detach(*this);
  }
  void on_input() override {
    if (!final || content_.size() > kWindow) std::abort();
    const std::size_t n = content_.size() / 2;
    content_.consume(n);
    codec.consumed(*this, n);
  }
  void on_reset(std::uint32_t, bool) override {
    if (whole_) std::abort();
    codec.detach(*this);
  }
  void on_sent() override {}
  void end() {
    if (!body_.append("body")) std::abort();
    body_trailers_ = &trailers;
    body_ended_ = true;
  }

  ClientCodec& codec;
  bool leaves = false, final = false;
  Arena memory;
  http::Fields fields, trailers;
};

void submit(ClientCodec& codec, Stream& s, bool body) {
  RequestHead head;
  head.host = "a";
  head.path = "/";
  RequestFields fields;
  fields.start(head);
  if (!codec.submit(s, fields.all(), body)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const ClientLimits limits{1024, 8, kWindow, 10};
  ClientCodec codec(limits);
  Stream a(codec), b(codec), c(codec);
  submit(codec, a, false);
  submit(codec, b, true);
  submit(codec, c, false);
  c.leaves = true;
  b.end();
  codec.resume(b);
  Bytes rest = std::as_bytes(std::span(bytes + 1, size - 1));
  const std::size_t cut = bytes[0] % 16 == 0 ? rest.size() : std::size_t{1} << bytes[0] % 16;
  for (Buffer out(1 << 20); !rest.empty();) {
    if (!codec.produce(out, 1 << 18)) break;
    out.consume(out.size());
    const std::size_t n = std::min(cut, rest.size());
    if (!codec.receive(rest.first(n))) break;
    rest = rest.subspan(n);
  }
  return 0;
}
