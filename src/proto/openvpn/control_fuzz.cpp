#include "proto/openvpn/control.h"

#include <algorithm>
#include <cstdlib>
#include <span>

#include "base/bytes.h"

using namespace sally;

/// Packets of a hostile server, each behind a byte with its length. The session id is known to it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  openvpn::Control control("sessions");
  std::string_view left = as_text(as_bytes(std::span(bytes, size)));
  TimePoint now{};
  std::size_t heard = 0;
  while (!left.empty()) {
    const std::size_t length =
        std::min<std::size_t>(static_cast<std::uint8_t>(left.front()), left.size() - 1);
    const auto taken = control.take(left.substr(1, length));
    left.remove_prefix(1 + length);
    if (!taken) return 0;
    if (!control.full()) control.say(left.substr(0, length));
    for (const std::string& packet : control.due(now, std::chrono::milliseconds(300)))
      if (packet.size() < 10) std::abort();
    now += std::chrono::milliseconds(100);
    heard += control.heard().size();
    if (heard > size) std::abort();
  }
  return 0;
}
