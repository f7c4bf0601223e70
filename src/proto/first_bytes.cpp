#include "proto/first_bytes.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sally::proto {
namespace {

constexpr std::uint8_t kHandshakeRecord = 22;  ///< RFC 8446 5.1
constexpr std::uint8_t kMajorVersion = 3;
constexpr std::string_view kSsh = "SSH-";

constexpr std::array kMethods = std::to_array<std::string_view>(
    {"GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH ", "PRI * "});

// OpenVPN, "Protocol opcodes": the high five bits of the byte behind the length.
constexpr std::uint8_t kResetV1 = 1, kResetV2 = 7, kResetV3 = 10;
constexpr std::size_t kShortestReset = 14;   ///< opcode, session id, no acknowledgements, packet id
constexpr std::size_t kLongestReset = 1500;  ///< with the wrapped client key of tls-crypt-v2

enum class Match : std::uint8_t { no, perhaps, yes };

Match begins_with(std::string_view text, std::string_view wanted) {
  const std::size_t n = std::min(text.size(), wanted.size());
  if (text.substr(0, n) != wanted.substr(0, n)) return Match::no;
  return n == wanted.size() ? Match::yes : Match::perhaps;
}

Match tls(Bytes b) {
  if (std::to_integer<std::uint8_t>(b[0]) != kHandshakeRecord) return Match::no;
  if (b.size() < 2) return Match::perhaps;
  return std::to_integer<std::uint8_t>(b[1]) == kMajorVersion ? Match::yes : Match::no;
}

Match openvpn(Bytes b) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(b[i]); };
  if (at(0) > kLongestReset >> 8) return Match::no;
  if (b.size() < 3) return Match::perhaps;
  const std::size_t length = at(0) << 8 | at(1), opcode = at(2) >> 3;
  if (length < kShortestReset || length > kLongestReset) return Match::no;
  return opcode == kResetV1 || opcode == kResetV2 || opcode == kResetV3 ? Match::yes : Match::no;
}

Match http(std::string_view text) {
  Match best = Match::no;
  for (const std::string_view method : kMethods) best = std::max(best, begins_with(text, method));
  return best;
}

}  // namespace

Speech speech_of(Bytes first) {
  if (first.empty()) return Speech::undecided;
  const std::string_view text = as_text(first.first(std::min(first.size(), kBytesThatDecide)));
  const struct {
    Match match;
    Speech speech;
  } all[] = {{tls(first), Speech::tls},
             {begins_with(text, kSsh), Speech::ssh},
             {openvpn(first), Speech::openvpn},
             {http(text), Speech::http}};
  Speech out = Speech::other;
  for (const auto& [match, speech] : all) {
    if (match == Match::yes) return speech;
    if (match == Match::perhaps) out = Speech::undecided;
  }
  return out;
}

}  // namespace sally::proto
