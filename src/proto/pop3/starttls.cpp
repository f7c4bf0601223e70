#include "proto/pop3/starttls.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "proto/reply_reader.h"

namespace sally::pop3 {
namespace {

using proto::DialogueStep;
using proto::PlainLogin;
using Next = DialogueStep::Next;

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
  enum class State : std::uint8_t { greeting, capa, list, stls };

  /// nullopt: the line changes nothing.
  Result<std::optional<DialogueStep>> take(const std::string& line) {
    const std::string lower = ascii_lower(line);
    const bool ok = lower.starts_with("+ok");
    if (state_ == State::list) return take_capability(lower);
    if (!ok && !lower.starts_with("-err"))
      return fail(proto::kOtherSpeech, fmt::format("it said \"{}\"", proto::shown(line)));
    if (state_ == State::greeting) {
      // RFC 3206 4: [SYS/TEMP] and [IN-USE] pass by.
      if (!ok) return DialogueStep{.next = Next::busy, .why = proto::shown(line)};
      state_ = State::capa;
      return DialogueStep{.send = "CAPA\r\n"};
    }
    if (state_ == State::capa) {
      if (!ok) return ask_for_tls();  // older than RFC 2449: STLS may be there all the same
      learnt(PlainLogin::refused, "CAPA lists neither USER nor SASL PLAIN before TLS");
      state_ = State::list;
      return std::nullopt;
    }
    if (!ok) return DialogueStep{.next = Next::done, .why = proto::shown(line)};
    return DialogueStep{.next = Next::tls};
  }

  std::optional<DialogueStep> take_capability(const std::string& lower) {
    if (lower == "user") learnt(PlainLogin::allowed, "CAPA lists USER before TLS");
    const std::string words = lower + " ";
    if (lower.starts_with("sasl ") && (words.contains(" plain ") || words.contains(" login ")))
      learnt(PlainLogin::allowed, fmt::format("CAPA lists \"{}\" before TLS", proto::shown(lower)));
    has_stls_ |= lower == "stls";
    if (lower != ".") return std::nullopt;
    if (!has_stls_) return DialogueStep{.next = Next::done, .why = "CAPA does not list STLS"};
    return ask_for_tls();
  }

  DialogueStep ask_for_tls() {
    state_ = State::stls;
    return {.send = "STLS\r\n", .asks_for_tls = true};
  }

  proto::LineReader lines_;
  State state_ = State::greeting;
  bool has_stls_ = false;
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames&) {
  return std::make_unique<Starttls>();
}

std::string early_command(const proto::DialogueNames&) { return "CAPA\r\n"; }

}  // namespace sally::pop3
