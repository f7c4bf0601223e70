#include "check/proxy.h"

#include <cstdint>

/// The first octet says which kind; the rest is what the proxy answers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  if (size == 0) return 0;
  const auto proxy = check::parse_proxy(bytes[0] % 2 == 0 ? "http://a:b@proxy" : "socks5://a:b@proxy");
  (void)check::parse_proxy({reinterpret_cast<const char*>(bytes), size});
  check::ProxyOpening opening(*proxy, "example.com", 443);
  (void)opening.begin();
  Buffer in(1 << 20);
  for (std::size_t at = 1; at < size; ++at) {
    if (!in.append(std::as_bytes(std::span(bytes + at, 1)))) break;
    const auto step = opening.step(in);
    if (!step || step->open) break;
  }
  return 0;
}
