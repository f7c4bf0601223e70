#include "tls/peek.h"

#include "base/ascii.h"
#include "base/reader.h"

namespace sally::tls {
namespace {

constexpr std::size_t kRecordHeader = 5, kMessageHeader = 4;
constexpr std::uint8_t kHandshake = 22, kClientHello = 1;
constexpr std::uint16_t kServerName = 0, kAlpn = 16, kEncryptedClientHello = 0xfe0d;
constexpr std::size_t kMostProtocols = 64;

std::size_t number(Bytes b) {
  std::size_t n = 0;
  for (const std::byte x : b) n = n << 8 | std::to_integer<std::size_t>(x);
  return n;
}

/// The whole message, its header included; nullopt: more bytes are needed.
Result<std::optional<Bytes>> whole_message(Bytes in, std::size_t limit, std::string& joined) {
  std::size_t want = 0;  // length of the message with its header, once known
  for (std::size_t at = 0; in.size() - at >= kRecordHeader;) {
    const Bytes header = in.subspan(at, kRecordHeader);
    // RFC 8446 5.1: the record version is ignored but for its first byte; every stack sends 03 there.
    if (header[0] != std::byte{kHandshake} || header[1] != std::byte{3})
      return fail(at == 0 ? kNotTls : kBadHello, WirePos{at, -1, "record"});
    const std::size_t length = number(header.subspan(3, 2));
    // RFC 8446 5.1: implementations MUST NOT send zero-length fragments of handshake types.
    if (length == 0) return fail(kBadHello, WirePos{at, -1, "record length"});
    const Bytes fragment =
        in.subspan(at + kRecordHeader).first(std::min(length, in.size() - at - kRecordHeader));
    at += kRecordHeader + fragment.size();
    if (joined.empty() && fragment.size() >= kMessageHeader &&
        number(fragment.subspan(1, 3)) + kMessageHeader <= fragment.size())
      return fragment.first(number(fragment.subspan(1, 3)) + kMessageHeader);
    joined.append(as_text(fragment));
    if (!joined.empty() && joined[0] != kClientHello)
      return fail(kBadHello, WirePos{kRecordHeader, -1, "msg_type"});
    if (joined.size() >= kMessageHeader) want = number(as_bytes(joined).subspan(1, 3)) + kMessageHeader;
    if (want > limit || joined.size() > limit)
      return fail(kHelloTooLong, "limit is " + std::to_string(limit) + " bytes");
    if (want != 0 && joined.size() >= want) return as_bytes(joined).first(want);
    if (fragment.size() < length) break;
  }
  return std::nullopt;
}

/// RFC 6066 3: a list of names of which only host_name (0) exists; literal addresses are not permitted in it.
Result<> read_server_name(Bytes body, HelloPeek& peek) {
  Reader extension(body, 0);
  TRY(const Bytes list, extension.vec16("server_name_list"));
  Reader names(list, 0);
  while (!names.done()) {
    TRY(const std::uint8_t type, names.u8("name_type"));
    TRY(const Bytes name, names.vec16("host_name"));
    if (type != 0) continue;
    if (!peek.server_name.empty()) return fail(kBadHello, WirePos{UINT64_MAX, -1, "two host_names"});
    std::string_view text = as_text(name);
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty() || text.size() > 253) return fail(kBadHello, WirePos{UINT64_MAX, -1, "host_name"});
    for (const char c : text)
      if (!is_alpha(c) && !is_digit(c) && c != '.' && c != '-' && c != '_')
        return fail(kBadHello, WirePos{UINT64_MAX, -1, "host_name"});
    peek.server_name = ascii_lower(text);
  }
  return {};
}

Result<> read_alpn(Bytes body, HelloPeek& peek) {
  Reader extension(body, 0);
  TRY(const Bytes list, extension.vec16("protocol_name_list"));
  Reader names(list, 0);
  while (!names.done()) {
    TRY(const Bytes name, names.vec8("protocol_name"));
    if (name.empty() || peek.alpn.size() == kMostProtocols)
      return fail(kBadHello, WirePos{UINT64_MAX, -1, "protocol_name"});
    peek.alpn.emplace_back(as_text(name));
  }
  return {};
}

}  // namespace

Result<std::optional<HelloPeek>> peek_hello(Bytes in, std::size_t limit) {
  if (in.empty()) return std::nullopt;
  if (!looks_like_tls(in)) return fail(kNotTls, WirePos{0});
  std::string joined;
  TRY(const auto message, whole_message(in, limit, joined));
  if (!message) return std::nullopt;
  if ((*message)[0] != std::byte{kClientHello})
    return fail(kBadHello, WirePos{kRecordHeader, -1, "msg_type"});
  if (message->size() > limit) return fail(kHelloTooLong, "limit is " + std::to_string(limit) + " bytes");

  HelloPeek peek;
  Reader hello(message->subspan(kMessageHeader), kRecordHeader + kMessageHeader);
  TRY_VOID(hello.take(2 + 32, "legacy_version and random"));
  TRY_VOID(hello.vec8("legacy_session_id"));
  TRY_VOID(hello.vec16("cipher_suites"));
  TRY_VOID(hello.vec8("legacy_compression_methods"));
  if (hello.done()) return peek;  // RFC 8446 4.1.2: a TLS 1.2 hello may have no extensions at all
  TRY(const Bytes extensions, hello.vec16("extensions"));
  Reader each(extensions, hello.offset() - extensions.size());
  while (!each.done()) {
    TRY(const std::uint16_t type, each.u16("extension_type"));
    TRY(const Bytes body, each.vec16("extension_data"));
    if (type == kServerName) TRY_VOID(read_server_name(body, peek));
    if (type == kAlpn) TRY_VOID(read_alpn(body, peek));
    if (type == kEncryptedClientHello) peek.has_ech = true;
  }
  return peek;
}

}  // namespace sally::tls
