// proto/ssh/wire.h - the data types of SSH (RFC 4251 5) and the lists of KEXINIT (RFC 4253 7.1).
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/reader.h"

namespace sally::ssh {

inline constexpr ErrorKind kMalformed{"ssh.malformed",
                                      Blame::peer,
                                      Retry::never,
                                      "a message breaks the grammar of SSH",
                                      "report the peer's software as broken",
                                      "RFC 4253 6",
                                      -1,
                                      0};

/// Numbers of messages (RFC 4250 4.1.2).
enum Message : std::uint8_t {
  kDisconnect = 1,
  kIgnore = 2,
  kUnimplemented = 3,
  kDebug = 4,
  kServiceRequest = 5,
  kServiceAccept = 6,
  kExtInfo = 7,
  kKexInit = 20,
  kNewKeys = 21,
  kKexReplyInit = 30,
  kKexReply = 31,
  kUserauthRequest = 50,
  kUserauthFailure = 51,
  kUserauthSuccess = 52,
  kUserauthBanner = 53,
};

void put_u32(std::string& out, std::uint32_t value);
void put_string(std::string& out, std::string_view value);
/// A positive number, big-endian, without needless zeros (RFC 4251 5, mpint).
void put_mpint(std::string& out, std::string_view number);
/// Errors: base.truncated.
Result<std::string> take_string(Reader& in, std::string_view field);
/// Names between commas; at most 1000, each of at most 200 printable octets. Errors: base.truncated,
/// ssh.malformed.
Result<std::vector<std::string>> take_names(Reader& in, std::string_view field);

/// What one side of a connection can do, the best liked first.
struct Lists {
  std::vector<std::string> kex, host_key, cipher_out, cipher_in, mac_out, mac_in, zip_out, zip_in;
  bool guess_follows = false;

  bool has_kex(std::string_view name) const;
  bool operator==(const Lists&) const = default;
};

/// payload  of a KEXINIT, with its number. `out` of the lists is from client to server.
/// errors   base.truncated, ssh.malformed
Result<Lists> parse_lists(Bytes payload);
/// cookie  16 random octets
std::string build_lists(const Lists& lists, std::string_view cookie);

}  // namespace sally::ssh
