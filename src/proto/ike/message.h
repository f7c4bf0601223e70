// proto/ike/message.h - messages of IKE, version 1 and 2: the header and the chain of payloads behind it.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace sally::ike {

inline constexpr ErrorKind kMalformed{"ike.malformed",
                                      Blame::upstream,
                                      Retry::never,
                                      "the server's datagrams are no messages of IKE",
                                      "correct the port, or look at what listens there",
                                      "RFC 7296 3.1",
                                      -1,
                                      0};

enum Version : std::uint8_t { kVersion1 = 0x10, kVersion2 = 0x20 };
enum ExchangeType : std::uint8_t { kMainMode = 2, kAggressiveMode = 4, kInformational1 = 5, kSaInit = 34 };
enum Flag : std::uint8_t { kEncrypted1 = 0x01, kInitiator = 0x08, kResponse = 0x20 };

/// Of both versions; those of version 1 end in a 1 (RFC 2408 3.1, RFC 7296 3.2).
enum PayloadType : std::uint8_t {
  kNone = 0,
  kSa1 = 1,
  kKeyExchange1 = 4,
  kIdentity1 = 5,
  kHash1 = 8,
  kNonce1 = 10,
  kNotify1 = 11,
  kVendor1 = 13,
  kSa = 33,
  kKeyExchange = 34,
  kNonce = 40,
  kNotify = 41,
  kVendor = 43,
  kSealed = 46,
  kSealedFragment = 53,  ///< RFC 7383 2.5
};

struct Header {
  std::string initiator = std::string(8, '\0'), responder = std::string(8, '\0');  ///< SPIs, 8 octets each
  std::uint8_t version = kVersion2;
  std::uint8_t exchange = kSaInit;
  std::uint8_t flags = 0;
  std::uint32_t id = 0;
};

struct Payload {
  std::uint8_t type = kNone;
  std::string body;
};

struct Message {
  Header header;
  std::vector<Payload> payloads;

  /// The first of a type; null: there is none.
  const Payload* find(std::uint8_t type) const;
};

/// Each body is at most 65531 octets.
std::string build(const Header& header, std::span<const Payload> payloads);

/// One datagram, without the marker that stands before it on port 4500. What is behind a sealed payload is
/// part of it. At most 64 payloads. Errors: ike.malformed, base.truncated.
/// source  RFC 7296 3.1, 3.2; RFC 2408 3.1, 3.2
Result<Message> parse(std::string_view datagram);

/// Numbers as they go over the wire.
void put_u16(std::string& out, std::uint16_t value);
void put_u32(std::string& out, std::uint32_t value);

}  // namespace sally::ike
