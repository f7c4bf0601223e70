#include "proto/imap/starttls.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "proto/reply_reader.h"

namespace sally::imap {
namespace {

using proto::DialogueStep;
using proto::PlainLogin;
using Next = DialogueStep::Next;

bool lists(std::string_view capabilities, std::string_view word) {
  return fmt::format(" {} ", ascii_lower(std::string(capabilities))).contains(fmt::format(" {} ", word));
}

class Starttls final : public proto::Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) override {
    for (;;) {
      TRY(const auto line, lines_.next(in));
      if (!line) return DialogueStep{};
      TRY(const auto out, take(*line));
      if (out) return *out;
    }
  }

 private:
  enum class State : std::uint8_t { greeting, capability, starttls };

  /// nullopt: the line changes nothing.
  Result<std::optional<DialogueStep>> take(const std::string& line) {
    const std::string lower = ascii_lower(line);
    if (lower.starts_with("* bye")) return over(Next::busy, line);
    switch (state_) {
      case State::greeting:
        return greeted(line, lower);
      case State::capability:
        if (lower.starts_with("* capability ")) capabilities_ = lower.substr(13);
        if (!lower.starts_with("s1 ")) return std::nullopt;
        return lower.starts_with("s1 ok") ? ask_for_tls() : over(Next::done, line);
      case State::starttls:
        break;
    }
    if (!lower.starts_with("s2 ")) return std::nullopt;
    if (!lower.starts_with("s2 ok")) return over(Next::done, line);
    return DialogueStep{.next = Next::tls};
  }

  Result<std::optional<DialogueStep>> greeted(const std::string& line, const std::string& lower) {
    if (lower.starts_with("* preauth")) return over(Next::done, line);
    if (!lower.starts_with("* ok"))
      return fail(proto::kOtherSpeech, fmt::format("it said \"{}\"", proto::shown(line)));
    state_ = State::capability;
    return DialogueStep{.send = "s1 CAPABILITY\r\n"};
  }

  DialogueStep ask_for_tls() {
    const bool disabled = lists(capabilities_, "logindisabled");
    learnt(disabled ? PlainLogin::refused : PlainLogin::allowed,
           disabled ? "CAPABILITY lists LOGINDISABLED before TLS"
                    : "CAPABILITY does not list LOGINDISABLED before TLS");
    if (!lists(capabilities_, "starttls"))
      return {.next = Next::done, .why = "CAPABILITY does not list STARTTLS"};
    state_ = State::starttls;
    return {.send = "s2 STARTTLS\r\n", .asks_for_tls = true};
  }

  static DialogueStep over(Next next, const std::string& line) {
    return {.next = next, .why = proto::shown(line)};
  }

  proto::LineReader lines_;
  State state_ = State::greeting;
  std::string capabilities_;
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames&) {
  return std::make_unique<Starttls>();
}

std::string early_command(const proto::DialogueNames&) { return "s9 NOOP\r\n"; }

}  // namespace sally::imap
