#include "proto/postgres/starttls.h"

#include <fmt/format.h>

#include "base/reader.h"
#include "proto/reply_reader.h"

namespace sally::postgres {
namespace {

using namespace std::string_literals;
using proto::DialogueStep;
using proto::PlainLogin;
using Next = DialogueStep::Next;

constexpr std::uint32_t kLongestMessage = 16 * 1024;
constexpr std::uint32_t kGssRequest = 7, kSspiRequest = 9;  ///< authentication that sends no password

/// Length 8, code 80877103.
const std::string kSslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"s;

std::string startup_message() {
  const std::string body = "\x00\x03\x00\x00user\0sallyport_check\0database\0sallyport_check\0\0"s;
  std::string out(3, '\0');
  out += static_cast<char>(body.size() + 4);
  return out += body;
}

/// The fields of an ErrorResponse: a letter and a text each, ended by zeros.
std::string error_field(std::string_view body, char wanted) {
  while (!body.empty() && body.front() != '\0') {
    const std::size_t end = body.find('\0', 1);
    if (body.front() == wanted) return std::string(body.substr(1, end == body.npos ? body.npos : end - 1));
    if (end == body.npos) break;
    body.remove_prefix(end + 1);
  }
  return {};
}

class Starttls final : public proto::Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) override {
    if (!std::exchange(sent_, true)) return DialogueStep{.send = kSslRequest, .asks_for_tls = true};
    if (in.empty()) return DialogueStep{};
    const char letter = as_text(in.readable()).front();
    in.consume(1);
    if (letter == 'S') return DialogueStep{.next = Next::tls};
    if (letter == 'N') return DialogueStep{.next = Next::done, .why = "SSLRequest was answered N"};
    if (letter == 'E')
      return DialogueStep{.next = Next::done, .why = "SSLRequest was answered with an error"};
    return fail(proto::kOtherSpeech, fmt::format("SSLRequest was answered with byte {:#04x}", letter));
  }

 private:
  bool sent_ = false;
};

class PlainStartup final : public proto::Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) override {
    if (!std::exchange(sent_, true)) return DialogueStep{.send = startup_message()};
    Reader head(in.readable(), in.offset());
    if (head.left() < 5) return DialogueStep{};
    TRY(const std::uint8_t letter, head.u8("type"));
    TRY(const std::uint32_t length, head.u32("length"));
    if (length < 4 || (letter != 'R' && letter != 'E' && letter != 'v'))
      return fail(proto::kOtherSpeech, "a message that is none of PostgreSQL's");
    if (length > kLongestMessage) return fail(proto::kTalksTooMuch, "a message that is too long");
    if (head.left() < length - 4) return DialogueStep{};
    TRY(const Bytes body, head.take(length - 4, "body"));
    judge(letter, body);
    in.consume(std::size_t{1} + length);
    return DialogueStep{.next = Next::done};
  }

 private:
  void judge(std::uint8_t letter, Bytes body) {
    if (letter == 'R') {
      Reader fields(body, 0);
      const auto method = fields.u32("method");
      const bool password = method && *method != kGssRequest && *method != kSspiRequest;
      learnt(password ? PlainLogin::allowed : PlainLogin::unknown,
             fmt::format("A startup message without TLS was answered with authentication request {}",
                         method.value_or(0)));
    } else if (letter == 'E') {
      const std::string state = error_field(as_text(body), 'C');
      // 28000: pg_hba.conf has no line for this connection, or rejects it.
      learnt(state == "28000" ? PlainLogin::refused : PlainLogin::unknown,
             fmt::format("A startup message without TLS was answered {} \"{}\"", state,
                         proto::shown(error_field(as_text(body), 'M'))));
    }
  }

  bool sent_ = false;
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames&) {
  return std::make_unique<Starttls>();
}
std::unique_ptr<proto::Dialogue> make_plain_login(const proto::DialogueNames&) {
  return std::make_unique<PlainStartup>();
}

std::string early_command(const proto::DialogueNames&) { return startup_message(); }

}  // namespace sally::postgres
