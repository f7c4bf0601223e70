#include "proto/smtp/starttls.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "proto/reply_reader.h"

namespace sally::smtp {
namespace {

using proto::DialogueStep;
using proto::PlainLogin;
using proto::Reply;
using Next = DialogueStep::Next;

class Starttls final : public proto::Dialogue {
 public:
  explicit Starttls(std::string our_name) : our_name_(std::move(our_name)) {}

  Result<DialogueStep> step(Buffer& in) override {
    TRY(const auto reply, replies_.next(in));
    if (!reply) return DialogueStep{};
    // RFC 5321 3.8: 421 may come at any time.
    if (reply->code == 421) return over(Next::busy, *reply);
    switch (state_) {
      case State::greeting:
        return after_greeting(*reply);
      case State::ehlo:
        return after_ehlo(*reply);
      case State::starttls:
        break;
    }
    if (reply->code != 220) return over(reply->code == 454 ? Next::busy : Next::done, *reply);
    return DialogueStep{.next = Next::tls};
  }

 private:
  enum class State : std::uint8_t { greeting, ehlo, starttls };

  static DialogueStep over(Next next, const Reply& reply) { return {.next = next, .why = reply.text()}; }

  Result<DialogueStep> after_greeting(const Reply& reply) {
    if (reply.code != 220) return over(Next::done, reply);
    state_ = State::ehlo;
    return DialogueStep{.send = fmt::format("EHLO {}\r\n", our_name_)};
  }

  Result<DialogueStep> after_ehlo(const Reply& reply) {
    if (reply.code != 250) return over(Next::done, reply);
    bool starttls = false;
    learnt(PlainLogin::refused, "EHLO does not list AUTH before TLS");
    for (std::size_t i = 1; i < reply.lines.size(); ++i) {
      const std::string word = ascii_lower(reply.lines[i].substr(0, reply.lines[i].find_first_of(" =")));
      starttls |= word == "starttls";
      if (word == "auth")
        learnt(PlainLogin::allowed,
               fmt::format("EHLO lists \"{}\" before TLS", proto::shown(reply.lines[i])));
    }
    if (!starttls) return DialogueStep{.next = Next::done, .why = "EHLO does not list STARTTLS"};
    state_ = State::starttls;
    return DialogueStep{.send = "STARTTLS\r\n", .asks_for_tls = true};
  }

  std::string our_name_;
  proto::ReplyReader replies_;
  State state_ = State::greeting;
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names) {
  return std::make_unique<Starttls>(names.ours);
}

std::string early_command(const proto::DialogueNames&) { return "NOOP\r\n"; }

}  // namespace sally::smtp
