// Any bytes: no crash, no header longer than the input, and what is read again after writing is the same.
#include <cstdlib>

#include "net/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sally;
  const Bytes in(reinterpret_cast<const std::byte*>(data), size);
  const auto read = read_proxy_header(in);
  if (!read || !*read) return 0;
  const ProxyHeader& header = **read;
  if (header.size > size || header.client.has_value() != header.server.has_value()) std::abort();
  if (!header.client) return 0;
  for (const ProxyVersion version : {ProxyVersion::v1, ProxyVersion::v2}) {
    const std::string written = write_proxy_header(version, *header.client, *header.server);
    const auto again = read_proxy_header(as_bytes(written));
    if (!again || !*again || (*again)->size != written.size()) std::abort();
    // Mapped addresses may stand beside real IPv6 ones: then nothing is said.
    if ((*again)->client && (*again)->client->text() != header.client->text()) std::abort();
  }
  return 0;
}
