#include "proto/ftp/starttls.h"

#include <fmt/format.h>

#include "proto/reply_reader.h"

namespace sally::ftp {
namespace {

using proto::DialogueStep;
using proto::PlainLogin;
using proto::Reply;
using Next = DialogueStep::Next;

/// The greeting, one command, its answer.
class OneCommand : public proto::Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) final {
    for (;;) {
      TRY(const auto reply, replies_.next(in));
      if (!reply) return DialogueStep{};
      // RFC 959 5.4: 120 says that the service will be ready soon, 421 that it is not available.
      if (reply->code == 120 && !greeted_) continue;
      if (reply->code == 421) return DialogueStep{.next = Next::busy, .why = reply->text()};
      if (greeted_) return answered(*reply);
      if (reply->code != 220) return DialogueStep{.next = Next::done, .why = reply->text()};
      greeted_ = true;
      return command();
    }
  }

 private:
  virtual DialogueStep command() = 0;
  virtual DialogueStep answered(const Reply& reply) = 0;

  proto::ReplyReader replies_;
  bool greeted_ = false;
};

class Starttls final : public OneCommand {
  DialogueStep command() override { return {.send = "AUTH TLS\r\n", .asks_for_tls = true}; }
  DialogueStep answered(const Reply& reply) override {
    if (reply.code == 234) return {.next = Next::tls};
    return {.next = reply.code == 431 ? Next::busy : Next::done, .why = reply.text()};
  }
};

class PlainUser final : public OneCommand {
  DialogueStep command() override { return {.send = "USER sallyport-check\r\n"}; }
  DialogueStep answered(const Reply& reply) override {
    const bool taken = reply.code == 230 || reply.code == 331 || reply.code == 332;
    const bool refused = reply.code >= 500;
    learnt(taken     ? PlainLogin::allowed
           : refused ? PlainLogin::refused
                     : PlainLogin::unknown,
           fmt::format("USER before AUTH TLS was answered \"{}\"", reply.text()));
    return {.next = Next::done};
  }
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames&) {
  return std::make_unique<Starttls>();
}
std::unique_ptr<proto::Dialogue> make_plain_login(const proto::DialogueNames&) {
  return std::make_unique<PlainUser>();
}

std::string early_command(const proto::DialogueNames&) { return "NOOP\r\n"; }

}  // namespace sally::ftp
