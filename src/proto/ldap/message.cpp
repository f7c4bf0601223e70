#include "proto/ldap/message.h"

#include "base/reader.h"
#include "proto/reply_reader.h"

namespace sally::ldap {
namespace {

struct Element {
  std::uint8_t tag = 0;
  std::size_t size = 0;  ///< of the content
};

Result<Element> header(Reader& in) {
  TRY(const std::uint8_t tag, in.u8("tag"));
  TRY(const std::uint8_t first, in.u8("length"));
  if (first < 0x80) return Element{tag, first};
  const unsigned octets = first & 0x7f;
  if (octets == 0 || octets > 4) return fail(proto::kOtherSpeech, "a length that LDAP does not use");
  std::size_t size = 0;
  for (unsigned i = 0; i < octets; ++i) {
    TRY(const std::uint8_t next, in.u8("length"));
    size = size << 8 | next;
  }
  return Element{tag, size};
}

Result<Bytes> content(Reader& in, std::uint8_t tag) {
  TRY(const Element e, header(in));
  if (e.tag != tag) return fail(proto::kOtherSpeech, "a message that is none of LDAP");
  return in.take(e.size, "content");
}

Result<OperationResult> read_body(Bytes body) {
  Reader message(body, 0);
  TRY_VOID(content(message, 0x02));  // messageID
  TRY(const Element op, header(message));
  TRY(const Bytes inside, message.take(op.size, "protocolOp"));
  Reader fields(inside, 0);
  TRY(const Bytes code, content(fields, 0x0a));
  TRY_VOID(content(fields, 0x04));  // matchedDN
  TRY(const Bytes text, content(fields, 0x04));
  OperationResult out{.tag = op.tag, .code = 0, .text = proto::shown(as_text(text))};
  if (code.empty() || code.size() > 4) return fail(proto::kOtherSpeech, "a result code of no size");
  for (const std::byte b : code) out.code = out.code << 8 | std::to_integer<std::uint32_t>(b);
  return out;
}

}  // namespace

Result<std::optional<OperationResult>> take_result(Buffer& in, std::size_t limit_bytes) {
  const Bytes all = in.readable();
  if (!all.empty() && all[0] != std::byte{0x30})
    return fail(proto::kOtherSpeech, "the first byte is not that of an LDAP message");
  Reader reader(all, in.offset());
  const auto outer = header(reader);
  if (!outer && outer.error().is(kTruncated)) return std::nullopt;
  TRY(const Element message, header(reader = Reader(all, in.offset())));
  if (message.size > limit_bytes) return fail(proto::kTalksTooMuch, "a message of LDAP that is too long");
  if (reader.left() < message.size) return std::nullopt;
  TRY(const Bytes body, reader.take(message.size, "LDAPMessage"));
  auto out = read_body(body);
  if (!out) return fail(proto::kOtherSpeech, std::string(out.error().detail()));
  in.consume(all.size() - reader.left());
  return *std::move(out);
}

}  // namespace sally::ldap
