#include "proto/ldap/message.h"

#include "base/ascii.h"
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

Result<OperationResult> read_result(std::uint8_t tag, Bytes operation) {
  Reader fields(operation, 0);
  TRY(const Bytes code, content(fields, 0x0a));
  TRY_VOID(content(fields, 0x04));  // matchedDN
  TRY(const Bytes text, content(fields, 0x04));
  OperationResult out{.tag = tag, .code = 0, .text = proto::shown(as_text(text))};
  if (code.empty() || code.size() > 4) return fail(proto::kOtherSpeech, "a result code of no size");
  for (const std::byte b : code) out.code = out.code << 8 | std::to_integer<std::uint32_t>(b);
  return out;
}

/// objectName, then attributes of a type and a set of values each.
Result<std::string> first_value(Bytes entry) {
  Reader fields(entry, 0);
  TRY_VOID(content(fields, 0x04));
  TRY(const Bytes list, content(fields, 0x30));
  Reader attributes(list, 0);
  while (!attributes.done()) {
    TRY(const Bytes attribute, content(attributes, 0x30));
    Reader parts(attribute, 0);
    TRY(const Bytes type, content(parts, 0x04));
    TRY(const Bytes values, content(parts, 0x31));
    if (!ascii_iequals(as_text(type), "namingContexts") || values.empty()) continue;
    Reader one(values, 0);
    TRY(const Bytes value, content(one, 0x04));
    return std::string(as_text(value));
  }
  return std::string();
}

/// One message, which is consumed; nullopt: more bytes are needed.
Result<std::optional<Request>> take_operation(Buffer& in, std::size_t limit_bytes) {
  const Bytes all = in.readable();
  if (!all.empty() && all[0] != std::byte{0x30})
    return fail(proto::kOtherSpeech, "the first byte is not that of an LDAP message");
  Reader reader(all, in.offset());
  auto outer = header(reader);
  if (!outer && outer.error().is(kTruncated)) return std::nullopt;
  if (!outer) return std::unexpected(std::move(outer).error());
  if (outer->size > limit_bytes) return fail(proto::kTalksTooMuch, "a message of LDAP that is too long");
  if (reader.left() < outer->size) return std::nullopt;
  TRY(const Bytes body, reader.take(outer->size, "LDAPMessage"));
  Reader message(body, 0);
  TRY(const Bytes id, content(message, 0x02));
  if (id.empty() || id.size() > 4) return fail(proto::kOtherSpeech, "a message with an id of no size");
  TRY(const Element op, header(message));
  TRY(const Bytes inside, message.take(op.size, "protocolOp"));
  Request out{std::string(as_text(id)), op.tag, std::string(as_text(inside))};
  in.consume(all.size() - reader.left());
  return out;
}

/// A field that overruns its message is no LDAP.
template <typename T>
Result<T> or_stranger(Result<T> got) {
  if (got || !got.error().is(kTruncated)) return got;
  return fail(proto::kOtherSpeech, "a field of an LDAP message overruns it");
}

}  // namespace

Result<std::optional<Request>> take_request(Buffer& in, std::size_t limit_bytes) {
  return or_stranger(take_operation(in, limit_bytes));
}

Result<std::string> name_of_extension(const Request& request) {
  Reader fields(as_bytes(std::string_view(request.content)), 0);
  TRY(const Bytes name, or_stranger(content(fields, 0x80)));
  return std::string(as_text(name));
}

Result<std::optional<OperationResult>> take_result(Buffer& in, std::size_t limit_bytes) {
  TRY(const auto op, or_stranger(take_operation(in, limit_bytes)));
  if (!op) return std::nullopt;
  TRY(OperationResult out, or_stranger(read_result(op->tag, as_bytes(std::string_view(op->content)))));
  return out;
}

Result<bool> take_root_entry(Buffer& in, RootEntry& out, std::size_t limit_bytes) {
  constexpr std::uint8_t kEntry = 0x64, kDone = 0x65;
  while (!out.done) {
    TRY(const auto op, or_stranger(take_operation(in, limit_bytes)));
    if (!op) return false;
    const Bytes bytes = as_bytes(std::string_view(op->content));
    if (op->tag == kEntry && out.naming_context.empty()) {
      TRY(out.naming_context, or_stranger(first_value(bytes)));
    } else if (op->tag == kDone) {
      TRY(const OperationResult result, or_stranger(read_result(op->tag, bytes)));
      out.done = true;
      out.code = result.code;
    }
  }
  return true;
}

}  // namespace sally::ldap
