#include "proto/sstp/call.h"

#include <fmt/format.h>

#include "base/reader.h"

namespace sally::sstp {
namespace {

constexpr std::uint8_t kVersion = 0x10, kControl = 0x01, kBindingRequest = 0x04;
constexpr std::uint16_t kLengthBits = 0x0fff, kAcknowledged = 0x0002, kRefused = 0x0003;
constexpr std::uint8_t kSha1 = 0x01, kSha256 = 0x02;

/// Header of a packet and of each attribute: four octets, the length of all of it in the last twelve bits.
constexpr std::size_t kHead = 4;

}  // namespace

std::string duplex_post(std::string_view host, std::string_view correlation) {
  std::string id;
  for (std::size_t i = 0; i < correlation.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += fmt::format("{:02X}", static_cast<std::uint8_t>(correlation[i]));
  }
  return fmt::format(
      "SSTP_DUPLEX_POST /sra_{{BA195980-CD49-458b-9E23-C84EE0ADCD75}}/ HTTP/1.1\r\nHost: {}\r\n"
      "SSTPCORRELATIONID: {{{}}}\r\nContent-Length: 18446744073709551615\r\n\r\n",
      host, id);
}

std::string call_connect_request() {
  constexpr char kBytes[] = {0x10, 0x01, 0x00, 0x0e, 0x00, 0x01, 0x00,
                             0x01, 0x00, 0x01, 0x00, 0x06, 0x00, 0x01};
  return std::string(kBytes, sizeof kBytes);
}

Result<std::optional<CallAnswer>> read_call_answer(std::string_view bytes) {
  if (bytes.size() < kHead) return std::nullopt;
  Reader head(as_bytes(bytes), 0);
  TRY(const std::uint8_t version, head.u8("version"));
  TRY(const std::uint8_t kind, head.u8("control"));
  TRY(const std::uint16_t raw_length, head.u16("length"));
  const std::size_t length = raw_length & kLengthBits;
  if (version != kVersion || (kind & kControl) == 0 || length < 8)
    return fail(kMalformed, WirePos{0, -1, "header"});
  if (bytes.size() < length) return std::nullopt;
  Reader in(as_bytes(bytes.substr(kHead, length - kHead)), kHead);
  TRY(const std::uint16_t type, in.u16("message type"));
  TRY(const std::uint16_t count, in.u16("attributes"));
  if (type != kAcknowledged && type != kRefused) return fail(kMalformed, WirePos{kHead, -1, "message type"});
  CallAnswer out;
  out.acknowledged = type == kAcknowledged;
  for (unsigned i = 0; i < count; ++i) {
    TRY_VOID(in.u8("reserved"));
    TRY(const std::uint8_t id, in.u8("attribute"));
    TRY(const std::uint16_t size, in.u16("attribute length"));
    if ((size & kLengthBits) < kHead) return fail(kMalformed, WirePos{in.offset(), -1, "attribute length"});
    TRY(const Bytes value, in.take((size & kLengthBits) - kHead, "attribute value"));
    if (id != kBindingRequest || value.size() < 4) continue;
    const auto hashes = std::to_integer<std::uint8_t>(value[3]);
    out.sha1 = (hashes & kSha1) != 0;
    out.sha256 = (hashes & kSha256) != 0;
  }
  return out;
}

}  // namespace sally::sstp
