// What a client may send on its streams once the handshake is done: requests, control frames, QPACK's
// instructions. Each piece begins with an octet for the stream and what follows, and one for its length.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "proto/http3/test_client.h"

namespace {

using namespace sally;
using namespace sally::http3;

void answer(http::Exchange& x) {
  switch (x.request.path.size() % 4) {
    case 0:
      return x.respond_text(200, "text/plain", "hello");
    case 1:
      return;  // never
    case 2:
      x.response.trailers.add("t", "1");
      return x.respond_text(200, "text/plain", std::string(20'000, 'a'));
    default:
      x.respond_text(200, "text/plain", "x");
      return x.abort(Error(http::kBodyTooLarge, {}, "", std::source_location::current()));
  }
}

constexpr std::uint8_t kEnd = 0x80, kReset = 0x40, kSend = 0x20;
// The client's control stream and QPACK's two, one of no known type, requests.
constexpr std::array<std::int64_t, 8> kStreams = {2, 6, 10, 14, 0, 4, 8, 12};

std::optional<std::uint64_t> feed(TestConnection& c, std::uint8_t how, Bytes bytes) {
  const std::int64_t stream = kStreams[how % kStreams.size()];
  if (auto fault = c.codec.receive(stream, bytes, (how & kEnd) != 0)) return fault;
  if ((how & kReset) == 0) return std::nullopt;
  if (auto fault = c.codec.reset_by_client(stream, NGHTTP3_H3_REQUEST_CANCELLED)) return fault;
  return c.codec.closed(stream, NGHTTP3_H3_REQUEST_CANCELLED);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  TestConnection c(answer);
  std::span<const std::uint8_t> rest(data, size);
  while (rest.size() > 2) {
    const std::uint8_t how = rest[0];
    const std::size_t part = std::min<std::size_t>(rest[1], rest.size() - 2);
    if (feed(c, how, std::as_bytes(rest.subspan(2, part)))) break;
    if ((how & kSend) != 0) c.link.run(nullptr);
    rest = rest.subspan(2 + part);
  }
  (void)c.codec.waiting();
  c.codec.fail_with(Error(kClosed, WirePos{}, {}, std::source_location::current()));
  if (c.pool().open() != 0) __builtin_trap();
  return 0;
}
