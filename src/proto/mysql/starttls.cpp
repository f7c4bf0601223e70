#include "proto/mysql/starttls.h"

#include <fmt/format.h>

#include "proto/reply_reader.h"

namespace sally::mysql {
namespace {

using namespace std::string_literals;
using proto::DialogueStep;
using Next = DialogueStep::Next;

constexpr std::size_t kLongestPacket = 16 * 1024;
constexpr std::uint8_t kErrorPacket = 0xff, kVersion10 = 10;
/// Capabilities: long password, protocol 4.1, secure connection, plugin authentication; and TLS.
constexpr std::uint32_t kClientFlags = 0x00088201, kClientSsl = 0x00000800;
constexpr unsigned kTooManyConnections = 1040, kHostBlocked = 1129;

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

/// One packet's payload, which is consumed; nullopt: more bytes are needed.
Result<std::optional<std::string>> take_packet(Buffer& in) {
  const std::string_view text = as_text(in.readable());
  if (text.size() < 4) return std::nullopt;
  const std::size_t size = byte_at(text, 0) | static_cast<std::size_t>(byte_at(text, 1)) << 8 |
                           static_cast<std::size_t>(byte_at(text, 2)) << 16;
  // The length of anything that greets in text is far more.
  if (size > kLongestPacket)
    return fail(proto::kOtherSpeech, fmt::format("it said \"{}\"", proto::shown(text)));
  if (text.size() - 4 < size) return std::nullopt;
  std::string out(text.substr(4, size));
  in.consume(size + 4);
  return out;
}

std::string flags_text(std::uint32_t flags) {
  std::string out;
  for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(flags >> 8 * i & 0xff);
  return out;
}

std::string packet(char sequence, const std::string& payload) {
  return std::string{static_cast<char>(payload.size()), '\0', '\0', sequence} + payload;
}

/// What SSLRequest and HandshakeResponse41 begin with: flags, longest packet, character set, 23 zeros.
std::string response_head(std::uint32_t flags) {
  return flags_text(flags) + "\x00\x00\x00\x01\x21"s + std::string(23, '\0');
}

struct ErrorPacket {
  unsigned number = 0;
  std::string text;
};
ErrorPacket read_error(std::string_view payload) {
  const std::string_view text = payload.size() > 3 ? payload.substr(3) : std::string_view{};
  return {static_cast<unsigned>(byte_at(payload, 1) | byte_at(payload, 2) << 8), proto::shown(text)};
}

struct Greeting {
  bool has_tls = false;
};

/// protocol version, server version up to a zero, thread id, 8 bytes, a zero, the lower flags
Result<Greeting> read_greeting(std::string_view payload) {
  const std::size_t end = payload.find('\0', 1);
  if (byte_at(payload, 0) != kVersion10 || end == payload.npos || payload.size() < end + 16)
    return fail(proto::kOtherSpeech, fmt::format("it said \"{}\"", proto::shown(payload)));
  const unsigned flags = byte_at(payload, end + 14) | byte_at(payload, end + 15) << 8;
  return Greeting{(flags & kClientSsl) != 0};
}

DialogueStep over(const ErrorPacket& e) {
  const bool busy = e.number == kTooManyConnections || e.number == kHostBlocked;
  return {.next = busy ? Next::busy : Next::done, .why = fmt::format("error {} \"{}\"", e.number, e.text)};
}

class Starttls final : public proto::Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) override {
    TRY(const auto payload, take_packet(in));
    if (!payload) return DialogueStep{};
    if (byte_at(*payload, 0) == kErrorPacket) return over(read_error(*payload));
    TRY(const Greeting greeting, read_greeting(*payload));
    if (!greeting.has_tls)
      return DialogueStep{.next = Next::done, .why = "the greeting does not list CLIENT_SSL"};
    // The server says no more: TLS begins right behind the request.
    return DialogueStep{
        .next = Next::tls, .send = packet(1, response_head(kClientFlags | kClientSsl)), .asks_for_tls = true};
  }
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames&) {
  return std::make_unique<Starttls>();
}
}  // namespace sally::mysql
