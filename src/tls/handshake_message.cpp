#include "tls/handshake_message.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sally::tls {
namespace {

struct Row {
  std::uint8_t type;
  std::string_view name;
};
constexpr std::array kRows = {
    Row{0, "HelloRequest"},        Row{1, "ClientHello"},
    Row{2, "ServerHello"},         Row{4, "NewSessionTicket"},
    Row{5, "EndOfEarlyData"},      Row{8, "EncryptedExtensions"},
    Row{11, "Certificate"},        Row{12, "ServerKeyExchange"},
    Row{13, "CertificateRequest"}, Row{14, "ServerHelloDone"},
    Row{15, "CertificateVerify"},  Row{16, "ClientKeyExchange"},
    Row{20, "Finished"},           Row{22, "CertificateStatus"},
    Row{24, "KeyUpdate"},          Row{25, "CompressedCertificate"},
};

constexpr std::size_t kHeader = 4, kVersion = 2;
/// The random of a HelloRetryRequest (RFC 8446 4.1.3): SHA-256 of its name.
constexpr std::string_view kRetryRandom =
    "\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91"
    "\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C";

}  // namespace

std::string HandshakeMessage::name() const {
  if (retry_request) return "HelloRetryRequest";
  const auto* const row = std::ranges::find(kRows, type, &Row::type);
  return row == kRows.end() ? "message " + std::to_string(type) : std::string(row->name);
}

HandshakeMessage describe_message(bool from_client, Bytes bytes, TimePoint at) {
  HandshakeMessage out{.from_client = from_client, .bytes = bytes.size(), .at = at};
  if (bytes.size() < kHeader) return out;
  out.type = static_cast<std::uint8_t>(bytes[0]);
  const std::string_view text = as_text(bytes);
  out.retry_request = out.type == 2 && text.size() > kHeader + kVersion &&
                      text.substr(kHeader + kVersion).starts_with(kRetryRandom);
  return out;
}

}  // namespace sally::tls
