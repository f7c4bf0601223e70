// Bytes of a client after its preface, cut as the first octet says, against handlers of all kinds.
#include <cstddef>
#include <cstdint>

#include "proto/http2/test_client.h"

namespace {

using namespace sally;
using namespace sally::http2;

void answer(http::Exchange& x) {
  switch (x.request.path.size() % 5) {
    case 0:
      return echo(x);
    case 1:
      return http2::hello(x);
    case 2:
      return;  // never
    case 3:
      x.response.trailers.add("t", "1");
      return x.respond_text(200, "text/plain", std::string(20'000, 'a'));
    default:
      x.respond_text(200, "text/plain", "x");
      return x.abort(Error(http::kBodyTooLarge, {}, "", std::source_location::current()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t cut = bytes[0] % 16 == 0 ? SIZE_MAX : std::size_t{1} << bytes[0] % 16;
  TestConnection c(answer);
  if ((bytes[0] & 0x10) != 0) c.room_each = 600;
  c.hello();
  if ((bytes[0] & 0x20) != 0) c.codec().drain();
  c.feed(as_text(std::as_bytes(std::span(bytes + 1, size - 1))), cut);
  if ((bytes[0] & 0x40) != 0) c.codec().end_of_input();
  (void)c.codec().waiting();
  c.end();
  if (c.pool().open() != 0 || c.overrun) __builtin_trap();
  return 0;
}
