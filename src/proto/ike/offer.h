// proto/ike/offer.h - what the first messages of IKEv2 carry: proposals, key shares, notices.
#pragma once
#include "proto/ike/message.h"

namespace sally::ike {

/// IANA, IKEv2 parameters, transform type values. Additional key exchanges go up to 12 (RFC 9370 2.2.1).
enum TransformType : std::uint8_t {
  kEncryption = 1,
  kPrf = 2,
  kIntegrity = 3,
  kGroup = 4,
  kAdditional1 = 6,
};

struct Transform {
  std::uint8_t type = 0;
  std::uint16_t id = 0;
  std::uint16_t key_bits = 0;  ///< 0: the attribute is not sent

  bool operator==(const Transform&) const = default;
};
using Proposal = std::vector<Transform>;

/// Proposals for IKE itself, numbered from 1 (RFC 7296 3.3). At most 255 transforms each.
std::string sa_body(std::span<const Proposal> proposals);
/// At most 32 proposals. Errors: ike.malformed, base.truncated.
Result<std::vector<Proposal>> read_sa(std::string_view body);

/// RFC 7296 3.4.
std::string key_exchange_body(std::uint16_t group, std::string_view share);

enum NoticeType : std::uint16_t {
  kInvalidMajorVersion = 5,
  kInvalidSyntax = 7,
  kNoProposalChosen = 14,
  kInvalidKe = 17,
  kNatSource = 16388,
  kNatDestination = 16389,
  kCookie = 16390,
  kChildless = 16418,
  kFragmentation = 16430,    ///< RFC 7383
  kSignatureHashes = 16431,  ///< RFC 7427
  kIntermediate = 16438,     ///< RFC 9242
};

struct Notice {
  std::uint16_t type = 0;
  std::string data;

  /// The first number of two octets in it; 0: there is none.
  std::uint16_t number() const;
};
/// RFC 7296 3.10, without an SPI.
std::string notice_body(std::uint16_t type, std::string_view data);
/// Errors: base.truncated.
Result<Notice> read_notice(std::string_view body);
/// The same of version 1 (RFC 2408 3.14). Errors: base.truncated.
Result<Notice> read_notice1(std::string_view body);

/// All that can be read of a message; the others are left out.
std::vector<Notice> notices_of(const Message& message);

}  // namespace sally::ike
