#include "proto/ike/message.h"

#include <algorithm>

#include "base/reader.h"

namespace sally::ike {
namespace {

constexpr std::size_t kSpiBytes = 8, kHeaderBytes = 28, kPayloadHead = 4, kMostPayloads = 64;

}  // namespace

void put_u16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

void put_u32(std::string& out, std::uint32_t value) {
  put_u16(out, static_cast<std::uint16_t>(value >> 16));
  put_u16(out, static_cast<std::uint16_t>(value & 0xffff));
}

const Payload* Message::find(std::uint8_t type) const {
  const auto found = std::ranges::find(payloads, type, &Payload::type);
  return found == payloads.end() ? nullptr : &*found;
}

std::string build(const Header& header, std::span<const Payload> payloads) {
  std::string chain;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    chain += static_cast<char>(i + 1 < payloads.size() ? payloads[i + 1].type : std::uint8_t{kNone});
    chain += '\0';
    put_u16(chain, static_cast<std::uint16_t>(payloads[i].body.size() + kPayloadHead));
    chain += payloads[i].body;
  }
  std::string out = header.initiator + header.responder;
  out += static_cast<char>(payloads.empty() ? std::uint8_t{kNone} : payloads.front().type);
  out += static_cast<char>(header.version);
  out += static_cast<char>(header.exchange);
  out += static_cast<char>(header.flags);
  put_u32(out, header.id);
  put_u32(out, static_cast<std::uint32_t>(kHeaderBytes + chain.size()));
  return out + chain;
}

Result<Message> parse(std::string_view datagram) {
  Reader in(as_bytes(datagram), 0);
  Message out;
  TRY(const Bytes initiator, in.take(kSpiBytes, "initiator's SPI"));
  TRY(const Bytes responder, in.take(kSpiBytes, "responder's SPI"));
  out.header.initiator = as_text(initiator);
  out.header.responder = as_text(responder);
  TRY(std::uint8_t next, in.u8("next payload"));
  TRY(out.header.version, in.u8("version"));
  TRY(out.header.exchange, in.u8("exchange"));
  TRY(out.header.flags, in.u8("flags"));
  TRY(out.header.id, in.u32("message id"));
  TRY(const std::uint32_t length, in.u32("length"));
  if (length != datagram.size()) return fail(kMalformed, WirePos{24, -1, "length"});
  // Version 1 seals everything behind the header (RFC 2408 3.1).
  if (out.header.version < kVersion2 && (out.header.flags & kEncrypted1) != 0) return out;
  while (next != kNone) {
    if (out.payloads.size() == kMostPayloads)
      return fail(kMalformed, WirePos{in.offset(), -1, "payloads"}, "more than 64");
    Payload one{.type = next, .body = {}};
    TRY(next, in.u8("next payload"));
    TRY_VOID(in.u8("flags of a payload"));
    TRY(const std::uint16_t size, in.u16("length of a payload"));
    if (size < kPayloadHead) return fail(kMalformed, WirePos{in.offset(), -1, "length of a payload"});
    TRY(const Bytes body, in.take(size - kPayloadHead, "payload"));
    one.body = as_text(body);
    // RFC 7296 3.14: the next payload of a sealed one is the first inside it.
    const bool sealed = one.type == kSealed || one.type == kSealedFragment;
    out.payloads.push_back(std::move(one));
    if (sealed) next = kNone;
  }
  if (!in.done()) return fail(kMalformed, WirePos{in.offset(), -1, "payloads"}, "bytes behind the last one");
  return out;
}

}  // namespace sally::ike
