#include <fmt/format.h>

#include "check/probes/all.h"
#include "check/talk.h"
#include "proto/reply_reader.h"

namespace sally::check {
namespace {

class FtpTalk {
 public:
  FtpTalk(Examination& x, tls::ClientSession session) : x_(x), talk_(x.dialer, std::move(session)) {}

  Task<Result<Unit>> start() {
    CO_TRY_VOID(co_await talk_.start());
    // Where TLS comes first, the greeting comes inside.
    if (!x_.target.by_starttls()) CO_TRY_VOID(co_await reply());
    co_return Unit{};
  }
  Task<Result<proto::Reply>> command(std::string line) {
    CO_TRY_VOID(co_await talk_.say(line + "\r\n"));
    co_return co_await reply();
  }

 private:
  Task<Result<proto::Reply>> reply() {
    for (;;) {
      CO_TRY(auto whole, replies_.next(in_));
      if (whole) co_return *std::move(whole);
      CO_TRY(const std::string heard, co_await talk_.hear(x_.dialer.limits().answer));
      if (heard.empty()) co_return fail(kOutOfTime, "the server is silent inside TLS");
      CO_TRY_VOID(in_.append(std::string_view(heard)));
    }
  }

  Examination& x_;
  Talk talk_;
  Buffer in_{std::size_t{64} * 1024};
  proto::ReplyReader replies_;
};

/// RFC 4217 9: PROT follows PBSZ. A server that wants a login before it tells nothing about it.
Task<Result<Unit>> ask(Examination& x) {
  CO_TRY(auto session, tls::ClientSession::make({.server_name = x.target.server_name()}));
  FtpTalk talk(x, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  CO_TRY(const proto::Reply size, co_await talk.command("PBSZ 0"));
  CO_TRY(const proto::Reply clear, co_await talk.command("PROT C"));
  if (size.code == 530 || clear.code == 530) {
    x.not_tested("ftp.prot_p", fmt::format("the server wants a login first: {}", clear.text()));
    co_return Unit{};
  }
  // Servers that refuse transfers in clear agree to PROT C all the same.
  if (clear.code == 200)
    x.not_tested("ftp.prot_p",
                 "the server agrees to PROT C; whether it then transfers in clear needs a login");
  else
    x.seen.data_protected = true;
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_ftp_protection(Examination& x) {
  const auto done = co_await ask(x);
  if (!done) x.not_tested("ftp.prot_p", done.error().text());
  co_return Unit{};
}

}  // namespace sally::check
