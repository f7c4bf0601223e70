#include "proto/ike/offer.h"

#include <algorithm>

#include "base/reader.h"

namespace sally::ike {
namespace {

constexpr std::uint8_t kIke = 1, kLast = 0, kMoreProposals = 2, kMoreTransforms = 3;
constexpr std::uint16_t kKeyLength = 14, kShortAttribute = 0x8000;
constexpr std::size_t kProposalHead = 8, kTransformHead = 8, kMostProposals = 32;

std::string transform_text(const Transform& one, bool last) {
  std::string out(1, static_cast<char>(last ? kLast : kMoreTransforms));
  out += '\0';
  put_u16(out, one.key_bits == 0 ? kTransformHead : kTransformHead + 4);
  out += static_cast<char>(one.type);
  out += '\0';
  put_u16(out, one.id);
  if (one.key_bits != 0) {
    put_u16(out, kShortAttribute | kKeyLength);
    put_u16(out, one.key_bits);
  }
  return out;
}

Result<Transform> read_transform(Reader& in) {
  TRY_VOID(in.u8("last transform"));
  TRY_VOID(in.u8("reserved"));
  TRY(const std::uint16_t size, in.u16("length of a transform"));
  if (size < kTransformHead) return fail(kMalformed, WirePos{in.offset(), -1, "length of a transform"});
  TRY(const Bytes rest, in.take(size - 4u, "transform"));
  Reader inside(rest, 0);
  Transform out;
  TRY(out.type, inside.u8("type of a transform"));
  TRY_VOID(inside.u8("reserved"));
  TRY(out.id, inside.u16("id of a transform"));
  while (!inside.done()) {
    TRY(const std::uint16_t kind, inside.u16("attribute"));
    TRY(const std::uint16_t value, inside.u16("attribute value"));
    if (kind == (kShortAttribute | kKeyLength)) out.key_bits = value;
    if ((kind & kShortAttribute) == 0) TRY_VOID(inside.take(value, "attribute value"));
  }
  return out;
}

Result<Proposal> read_proposal(Reader& in) {
  TRY_VOID(in.u8("last proposal"));
  TRY_VOID(in.u8("reserved"));
  TRY(const std::uint16_t size, in.u16("length of a proposal"));
  if (size < kProposalHead) return fail(kMalformed, WirePos{in.offset(), -1, "length of a proposal"});
  TRY(const Bytes rest, in.take(size - 4u, "proposal"));
  Reader inside(rest, 0);
  TRY_VOID(inside.u8("number of a proposal"));
  TRY_VOID(inside.u8("protocol"));
  TRY(const std::uint8_t spi, inside.u8("length of an SPI"));
  TRY(const std::uint8_t count, inside.u8("transforms"));
  TRY_VOID(inside.take(spi, "SPI"));
  Proposal out;
  for (unsigned i = 0; i < count; ++i) {
    TRY(Transform one, read_transform(inside));
    out.push_back(one);
  }
  return out;
}

}  // namespace

std::string sa_body(std::span<const Proposal> proposals) {
  std::string out;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    std::string transforms;
    for (std::size_t j = 0; j < proposals[i].size(); ++j)
      transforms += transform_text(proposals[i][j], j + 1 == proposals[i].size());
    out += static_cast<char>(i + 1 == proposals.size() ? kLast : kMoreProposals);
    out += '\0';
    put_u16(out, static_cast<std::uint16_t>(kProposalHead + transforms.size()));
    out += static_cast<char>(i + 1);
    out += static_cast<char>(kIke);
    out += '\0';
    out += static_cast<char>(proposals[i].size());
    out += transforms;
  }
  return out;
}

Result<std::vector<Proposal>> read_sa(std::string_view body) {
  Reader in(as_bytes(body), 0);
  std::vector<Proposal> out;
  while (!in.done()) {
    if (out.size() == kMostProposals)
      return fail(kMalformed, WirePos{in.offset(), -1, "proposals"}, "more than 32");
    TRY(Proposal one, read_proposal(in));
    out.push_back(std::move(one));
  }
  return out;
}

std::string key_exchange_body(std::uint16_t group, std::string_view share) {
  std::string out;
  put_u16(out, group);
  put_u16(out, 0);
  return out + std::string(share);
}

std::uint16_t Notice::number() const {
  if (data.size() < 2) return 0;
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(data[0]) << 8 |
                                    static_cast<std::uint8_t>(data[1]));
}

std::string notice_body(std::uint16_t type, std::string_view data) {
  std::string out(2, '\0');
  put_u16(out, type);
  return out + std::string(data);
}

Result<Notice> read_notice(std::string_view body) {
  Reader in(as_bytes(body), 0);
  TRY_VOID(in.u8("protocol"));
  TRY(const std::uint8_t spi, in.u8("length of an SPI"));
  Notice out;
  TRY(out.type, in.u16("notice"));
  TRY_VOID(in.take(spi, "SPI"));
  TRY(const Bytes data, in.take(in.left(), "notice"));
  out.data = as_text(data);
  return out;
}

Result<Notice> read_notice1(std::string_view body) {
  Reader in(as_bytes(body), 0);
  TRY_VOID(in.u32("domain of interpretation"));
  TRY(const Bytes rest, in.take(in.left(), "notice"));
  return read_notice(as_text(rest));
}

std::vector<Notice> notices_of(const Message& message) {
  std::vector<Notice> out;
  for (const Payload& one : message.payloads) {
    if (one.type != kNotify && one.type != kNotify1) continue;
    auto notice = one.type == kNotify ? read_notice(one.body) : read_notice1(one.body);
    if (notice) out.push_back(*std::move(notice));
  }
  return out;
}

}  // namespace sally::ike
