#include "check/url.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

/// Whatever was read can be read again, gives the same, and fits into a request line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using sally::check::Url;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto base = sally::check::read_url("https://example.com/a/b");
  for (const Url* const at : {static_cast<const Url*>(nullptr), &*base}) {
    const auto url = sally::check::read_url(text, at);
    if (!url || url->host.empty()) continue;
    const auto is_open = [](char c) { return c <= ' ' || c == 0x7f; };
    if (std::ranges::any_of(url->path, is_open) || !url->path.starts_with('/')) std::abort();
    const std::string again = url->text();
    const auto second = sally::check::read_url(again);
    if (again.size() <= sally::check::kLongestUrl && (!second || !(*second == *url))) std::abort();
  }
  return 0;
}
