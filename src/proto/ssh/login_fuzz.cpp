#include "proto/ssh/login.h"

#include <algorithm>
#include <cstdlib>
#include <span>

using namespace sally;

/// Messages, each with its length in one octet before it: the login ends, and says how, or waits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view left = as_text(as_bytes(std::span(bytes, size)));
  (void)ssh::Identity::read(left);
  const ssh::Credentials user{.user = "me", .password = "secret", .identity = nullptr};
  ssh::Login login("session", "", &user, {});
  while (!left.empty()) {
    const std::size_t length =
        std::min<std::size_t>(static_cast<std::uint8_t>(left.front()), left.size() - 1);
    const auto answers = login.take(left.substr(1, length));
    if (!answers || (answers->empty() && login.done())) break;
    left.remove_prefix(1 + length);
  }
  if (login.heard().sftp && !login.heard().logged_in.value_or(false)) std::abort();
  return 0;
}
