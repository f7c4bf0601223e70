#include "proto/greeting.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sally;
  using proto::Greeting;
  const Bytes all(reinterpret_cast<const std::byte*>(bytes), size);
  for (const std::string_view protocol : {"smtp", "ftp", "imaps", "pop3", "ssh", "postgres", "ldap"}) {
    Greeting decided = Greeting::more;
    for (std::size_t n = 0; n <= size && n < 64; ++n) {
      const Greeting now = proto::judge_greeting(protocol, all.first(n));
      if (decided != Greeting::more && now != decided) std::abort();
      decided = now;
    }
    if (size >= proto::kMostGreeting && proto::judge_greeting(protocol, all) == Greeting::more) std::abort();
  }
  return 0;
}
