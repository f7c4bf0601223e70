#include <utility>

#include "gateway/relay/relay.h"
#include "net/connect.h"

namespace sally::gateway {

Task<Result<Unit>> Relay::say(std::string text, Deadline by) {
  core_.out.append(as_bytes(std::string_view(text)));
  CO_TRY_VOID(near_.flush());
  while (near_.unsent()) {
    if (co_await near_.stream().until(Stream::kWritable, by) & Stream::kTimedOut)
      co_return fail(kStarttlsTimeout);
    core_.tick();
    CO_TRY_VOID(near_.send_unsent());
  }
  co_return Unit{};
}

/// True: the client asked for TLS. What it sent behind that is forgotten: it could be anybody's
/// (RFC 3207 4.2, CVE-2011-0411).
Task<Result<bool>> Relay::speak_plain() {
  using Next = proto::ServerStep::Next;
  const StarttlsConfig& terms = door_of().config.starttls;
  const Deadline by = core_.loop.now() + terms.timeout;
  const Site* const site = port_->sites.first();
  near_.held().consume(std::exchange(header_bytes_, 0));
  record_.protocol = door_of().protocol->id;
  const auto dialogue =
      door_of().plain_first->dialogue({.name = std::string(site != nullptr ? site->name : "localhost"),
                                       .line_bytes = terms.line_bytes,
                                       .commands = terms.commands});
  CO_TRY_VOID(co_await say(dialogue->greeting(), by));
  for (;;) {
    auto step = dialogue->step(near_.held());
    if (!step) {
      const bool strange = step.error().is(proto::kOtherSpeech);
      co_return fail(strange ? kUnknownSpeech : kTalksBeforeTls, std::string(step.error().detail()));
    }
    CO_TRY_VOID(co_await say(std::move(step->send), by));
    if (step->next == Next::hello) co_return true;
    record_.starttls = step->next == Next::tls;
    if (record_.starttls) near_.held().consume(near_.held().size());
    if (step->next == Next::end) {
      record_.ended_by = "client";
      near_.stream().shutdown_write();
    }
    if (step->next != Next::bytes) co_return record_.starttls;
    CO_TRY(const bool heard, co_await near_.hear(by));
    if (!heard) co_return fail(kStarttlsTimeout);
  }
}

/// In words of its protocol, to a client that was promised a server.
void Relay::excuse() {
  if (!near_.tls() || door_of().plain_first == nullptr || door_of().plain_first->unavailable.empty()) return;
  if (near_.tls()->write(as_bytes(door_of().plain_first->unavailable))) near_.tls()->close();
  [[maybe_unused]] const Result<> sent = near_.flush();  // it ends here in any case
}

/// The client of STARTTLS has heard a greeting, and the backend's own would be one too many.
Task<Result<Unit>> Relay::hear_greeting(Deadline by) {
  using Next = proto::DialogueStep::Next;
  const auto dialogue = door_of().plain_first->greeting();
  Buffer in(2 * Core::kRecordBytes);
  for (;;) {
    auto step = dialogue->step(in);
    if (!step || step->next == Next::busy)
      co_return fail(kNoGreeting, step ? step->why : std::string(step.error().detail()));
    if (step->next == Next::done && in.empty()) co_return Unit{};
    if (step->next == Next::done) co_return fail(kNoGreeting, "it goes on behind its greeting");
    CO_TRY(const auto room, in.prepare(Core::kRecordBytes / 4));
    CO_TRY(const auto n, far_.read_now(room));
    if (n && *n == 0) co_return fail(kNoGreeting, "it ended the connection");
    if (n) in.commit(*n);
    if (n) continue;
    if (co_await near_.stream().until(0, by) & Stream::kTimedOut) co_return fail(kConnectTimeout, "greeting");
    core_.tick();
  }
}

}  // namespace sally::gateway
