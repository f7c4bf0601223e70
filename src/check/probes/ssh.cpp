#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/escape.h"
#include "check/gather.h"
#include "check/probes/all.h"
#include "net/connect.h"
#include "proto/ssh/client.h"

namespace sally::check {
namespace {

constexpr std::size_t kMostUnread = std::size_t{128} * 1024;
/// OpenSSH counts connections without a login (PerSourcePenalties), so there are few.
constexpr std::size_t kConnections = 3, kThorough = 8;

/// Lines instead of a banner, with which OpenSSH and its kin turn somebody away.
bool turns_away(std::string_view line) {
  return line.starts_with("Exceeded MaxStartups") || line.starts_with("Not allowed at this time") ||
         line.starts_with("Too many") || line.contains("ssh_exchange_identification");
}

struct Talked {
  ssh::Heard heard;
  Answer::End end = Answer::End::flight;
  std::string why;
};

Task<Result<Unit>> converse(Examination& x, Stream& stream, ssh::Client& client) {
  Buffer in(kMostUnread);
  // A refused password may take its time.
  const std::chrono::milliseconds more =
      x.login ? 2 * x.dialer.limits().answer : std::chrono::milliseconds(0);
  for (const Deadline by = std::min(x.dialer.answer_by() + more, x.dialer.limits().end);;) {
    CO_TRY(ssh::Client::Step step, client.step(in));
    if (!step.send.empty()) CO_TRY_VOID(co_await send_all(stream, std::move(step.send), by));
    if (step.done) co_return Unit{};
    CO_TRY(const auto room, in.prepare(4096));
    CO_TRY(const auto got, stream.read_now(room));
    if (got && *got == 0) co_return fail(ssh::kNoSsh, "the server closed the connection");
    if (got) in.commit(*got);
    if (!got && (co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut) != 0)
      co_return fail(kOutOfTime, "the server is silent");
  }
}

Task<Talked> talk(Examination& x, ssh::Wish wish) {
  Talked out;
  auto line = co_await x.dialer.connect();
  if (!line) {
    out.end = line.error().is(kConnectRefused)   ? Answer::End::refused
              : line.error().is(kUnreachable)    ? Answer::End::unreachable
              : line.error().is(kConnectTimeout) ? Answer::End::dropped
                                                 : Answer::End::not_connected;
    out.why = line.error().text();
    co_return out;
  }
  ssh::Client client(std::move(wish));
  const auto done = co_await converse(x, **line, client);
  if (!done) {
    out.why = done.error().text();
    out.end = done.error().is(kOutOfTime) ? Answer::End::silent : Answer::End::closed;
  }
  out.heard = client.take();
  if (!out.heard.disconnect.empty()) out.why = fmt::format("the server said \"{}\"", out.heard.disconnect);
  co_return out;
}

/// What the first connection brought to light; false: nothing that more connections could add to.
bool note_first(Examination& x, const Talked& first) {
  const ssh::Heard& h = first.heard;
  if (h.banner.empty()) {
    const auto away = std::ranges::find_if(h.before, turns_away);
    // Silence and a closed door look alike from outside: neither says that the server is sound.
    const std::string said = away != h.before.end() ? fmt::format("it said \"{}\"", *away)
                             : !h.before.empty()    ? fmt::format("it said \"{}\"", h.before.front())
                             : first.end == Answer::End::closed ? "it closed the connection before its banner"
                                                                : first.why;
    if (first.end == Answer::End::refused || first.end == Answer::End::unreachable ||
        first.end == Answer::End::dropped) {
      x.seen.reach.first.end = first.end;
      x.seen.reach.first.why = first.why;
    } else if (away != h.before.end() || (h.before.empty() && first.end == Answer::End::closed)) {
      x.not_tested("throttled", fmt::format("the server turns this machine away: {}. Nothing is concluded "
                                            "from that; repeat the check after a minute, or exempt this "
                                            "machine (OpenSSH: PerSourcePenaltyExemptList, MaxStartups)",
                                            said));
    } else {
      x.not_tested("ssh", fmt::format("no SSH banner came: {}", said));
    }
    return false;
  }
  const bool only_first = !h.banner.starts_with("SSH-2.0-") && !h.banner.starts_with("SSH-1.99-");
  if (!h.lists && !only_first) {
    // A banner alone is nothing to judge by.
    x.not_tested("ssh",
                 fmt::format("after the banner \"{}\" it did not go on: {}", visible(h.banner), first.why));
    return false;
  }
  x.seen.reach.first.why = h.banner;
  x.seen.ssh.emplace();
  x.seen.ssh->banner = h.banner;
  x.seen.ssh->lists = h.lists;
  return h.lists.has_value();
}

void note_key(Examination& x, const Talked& talked) {
  const ssh::Heard& h = talked.heard;
  if (!h.host_key) {
    const std::string why = !h.why_no_key.empty() ? h.why_no_key : talked.why;
    return x.not_tested("ssh.host_keys", why.empty() ? "the key exchange did not end" : why);
  }
  x.seen.ssh->kex = h.kex;
  x.seen.ssh->keys.push_back({*h.host_key, h.host_key_algorithm, h.proven});
}

void note_methods(Examination& x, const Talked& talked) {
  const ssh::Heard& h = talked.heard;
  SshSeen& seen = *x.seen.ssh;
  seen.methods = h.methods;
  seen.let_in = h.let_in;
  seen.signatures = h.signatures;
  if (h.methods) return;
  const std::string why = !h.why_no_methods.empty() ? h.why_no_methods
                          : !h.why_no_key.empty()   ? h.why_no_key
                                                    : talked.why;
  x.not_tested("ssh.methods", why.empty() ? "the server did not say" : why);
}

/// What came of the credentials, and of SFTP.
void note_login(Examination& x, const Talked& talked) {
  SshSeen& seen = *x.seen.ssh;
  const bool wanted = x.login || x.target.protocol->id == "sftp";
  if (!x.login) {
    if (wanted)
      x.not_tested(
          "ssh.sftp",
          "SFTP shows itself to users only: name one with --user, and --identity or --password-file");
    return;
  }
  seen.user = x.login->user;
  seen.login = talked.heard.login;
  const ssh::LoginHeard& login = seen.login;
  if (login.sftp) return;
  const std::string why =
      login.logged_in.value_or(false) ? talked.why
      : !login.tried.empty()          ? fmt::format("the server refused {} by {}", *seen.user, login.tried)
      : seen.methods
          ? fmt::format("the server offers {}, nothing that was given", fmt::join(*seen.methods, ", "))
          : talked.why;
  x.not_tested("ssh.sftp", why.empty() ? "the server did not say" : why);
}

/// Types of host keys that are still to be seen, and those that nobody here can read.
std::vector<std::string> types_left(const ssh::Heard& first) {
  std::vector<std::string> out;
  for (const std::string& algorithm : first.lists->host_key) {
    const std::string type(ssh::key_type_of(algorithm));
    if (!type.empty() && (!first.host_key || first.host_key->type != type) &&
        std::ranges::find(out, type) == out.end())
      out.push_back(type);
  }
  return out;
}

Task<Unit> ask_key(Examination& x, std::string type, Talked& out) {
  ssh::Wish wish;
  wish.key_types.push_back(std::move(type));
  out = co_await talk(x, std::move(wish));
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_ssh(Examination& x) {
  ssh::Wish wish;
  wish.methods = true;
  wish.credentials = x.login;
  const Talked first = co_await talk(x, std::move(wish));
  if (!note_first(x, first)) co_return Unit{};
  note_key(x, first);
  note_methods(x, first);
  note_login(x, first);
  if (!first.heard.why_no_key.empty()) co_return Unit{};
  const std::vector<std::string> types = types_left(first.heard);
  const std::size_t most = x.quick ? 0 : (x.thorough ? kThorough : kConnections) - 1;
  std::vector<Talked> more(std::min(types.size(), most));
  Gather together(x.loop);
  for (std::size_t i = 0; i < more.size(); ++i) together.start(ask_key(x, types[i], more[i]));
  co_await together.all();
  for (const Talked& one : more) note_key(x, one);
  for (std::size_t i = more.size(); i < types.size(); ++i)
    x.not_tested("ssh.host_keys", fmt::format("the key of type {}: a check makes at most {} connections; "
                                              "--all makes more",
                                              types[i], most + 1));
  co_return Unit{};
}

}  // namespace sally::check
