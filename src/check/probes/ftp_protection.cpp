#include <fmt/format.h>

#include <array>

#include "check/probes/all.h"
#include "check/probes/ftp_talk.h"

namespace sally::check {
namespace {

constexpr const char* kId = "ftp.prot_p";
constexpr std::size_t kMostListed = 64 * 1024;  ///< bytes of a listing that are read

bool is_done(const proto::Reply& r) { return r.code / 100 == 2; }

/// Reads a listing to its end.
Task<Unit> drain(Examination& x, Stream& data) {
  std::array<std::byte, 4096> room;
  for (std::size_t read = 0; read < kMostListed;) {
    const auto got = data.read_now(room);
    if (!got || (*got && **got == 0)) co_return Unit{};
    if (*got) {
      read += **got;
      continue;
    }
    if ((co_await data.until(Stream::kReadable, x.dialer.answer_by()) & Stream::kTimedOut) != 0)
      co_return Unit{};
  }
  co_return Unit{};
}

/// RFC 4217 9: PROT follows PBSZ.
Task<Result<proto::Reply>> protection(FtpTalk& talk, std::string level) {
  CO_TRY_VOID(co_await talk.command("PBSZ 0"));
  co_return co_await talk.command("PROT " + level);
}

/// True: as whom everybody may.
Task<Result<bool>> log_in(FtpTalk& talk, std::string& why) {
  CO_TRY(proto::Reply answer, co_await talk.command("USER anonymous"));
  if (answer.code == 331) {
    CO_TRY(answer, co_await talk.command("PASS sallyport-check@example.invalid"));
  }
  why = answer.text();
  co_return is_done(answer);
}

/// Is a listing sent without TLS? The server says so in its last reply.
Task<Result<Unit>> list_in_clear(Examination& x, FtpTalk& talk) {
  CO_TRY(const Line data, co_await talk.data_connection());
  CO_TRY(proto::Reply answer, co_await talk.command("LIST"));
  if (answer.code / 100 == 1) {
    co_await drain(x, *data);
    CO_TRY(answer, co_await talk.reply());
  }
  FtpDataSeen& out = *x.seen.ftp_data;
  out.answer_in_clear = answer.text();
  // RFC 4217 9 names 522 and 534; 425 is trouble with the connection itself.
  if (is_done(answer) || answer.code / 100 == 5) out.in_clear = is_done(answer);
  co_return Unit{};
}

/// Is it sent with TLS to a client that begins a new session there?
Task<Result<Unit>> list_protected(Examination& x, FtpTalk& talk) {
  CO_TRY(Line line, co_await talk.data_connection());
  CO_TRY(auto session, tls::ClientSession::make({.server_name = x.target.server_name()}));
  CO_TRY(proto::Reply answer, co_await talk.command("LIST"));
  FtpDataSeen& out = *x.seen.ftp_data;
  if (answer.code / 100 == 1) {
    Talk data(x.dialer, std::move(session));
    const auto done = co_await data.start_on(std::move(line));
    if (done) co_await data.say_goodbye();
    data.close();
    CO_TRY(answer, co_await talk.reply());
  }
  out.answer_protected = answer.text();
  if (is_done(answer)) out.wants_resumption = false;
  if (answer.code == 522) out.wants_resumption = true;
  co_return Unit{};
}

Task<Result<Unit>> ask(Examination& x) {
  CO_TRY(auto session, tls::ClientSession::make({.server_name = x.target.server_name()}));
  FtpTalk talk(x, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  CO_TRY(const proto::Reply clear, co_await protection(talk, "C"));
  x.seen.ftp_data.emplace();
  if (!is_done(clear) && clear.code != 530) {
    x.seen.ftp_data->in_clear = false;
    x.seen.ftp_data->answer_in_clear = clear.text();
    co_return Unit{};
  }
  // Servers that refuse transfers in clear agree to PROT C all the same.
  std::string why;
  CO_TRY(const bool logged_in, co_await log_in(talk, why));
  if (!logged_in) {
    x.not_tested(kId,
                 fmt::format("whether the server transfers in clear needs a login, and nobody may log in "
                             "as \"anonymous\": {}",
                             why));
    co_return Unit{};
  }
  CO_TRY(const proto::Reply again, co_await protection(talk, "C"));
  if (is_done(again)) {
    CO_TRY_VOID(co_await list_in_clear(x, talk));
  } else {
    x.seen.ftp_data->in_clear = false;
  }
  CO_TRY(const proto::Reply sealed, co_await protection(talk, "P"));
  x.seen.ftp_data->offers_protection = is_done(sealed);
  if (is_done(sealed)) {
    CO_TRY_VOID(co_await list_protected(x, talk));
  }
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_ftp_protection(Examination& x) {
  const auto done = co_await ask(x);
  if (!done) x.not_tested(kId, done.error().text());
  co_return Unit{};
}

}  // namespace sally::check
