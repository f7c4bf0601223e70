#include <fmt/format.h>

#include <array>

#include "check/gather.h"
#include "check/probes/all.h"
#include "check/reaction.h"
#include "check/talk.h"
#include "tls/hello_builder.h"
#include "tls/odd_record.h"

namespace sally::check {
namespace {

constexpr const char* kId = "poodle.tls";
constexpr std::uint8_t kApplication = 23, kAlert = 21;
constexpr std::chrono::milliseconds kPatience{1500};
constexpr std::array kFlaws = {tls::CbcFlaw::padding, tls::CbcFlaw::mac, tls::CbcFlaw::mac_all_padding};
constexpr std::array<const char*, kFlaws.size()> kNames = {"wrong padding", "wrong MAC",
                                                           "wrong MAC and no data"};

/// What the server does with a request in a record of this flaw; in words that tell alerts apart.
struct Outcome {
  std::string text;
  bool answered = false;
};

/// A session of the first connection, for the one after it to take up.
struct Ticket {
  crypto::SslSession session;
  std::uint32_t lifetime = 0;
  bool resumed = false;
};

/// `ticket`: one is taken up, or else brought back.
Task<Result<Outcome>> ask(Examination& x, tls::CbcFlaw flaw, Ticket* ticket) {
  CO_TRY(auto session, tls::ClientSession::make({.lowest = tls::kTls12,
                                                 .highest = tls::kTls12,
                                                 .server_name = x.target.server_name(),
                                                 .resume = ticket ? ticket->session.get() : nullptr,
                                                 .suites = std::string(tls::kCbcSuites)}));
  Talk talk(x.dialer, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  // Where the server speaks first, its greeting must not be taken for an answer.
  if (!x.target.is_http) (void)co_await talk.hear(std::chrono::milliseconds(200));
  if (ticket && ticket->session) ticket->resumed = talk.session().resumed();
  const std::string request = "HEAD / HTTP/1.0\r\n\r\n";
  CO_TRY(std::string record, tls::seal_cbc(talk.session(), kApplication, request, flaw));
  const Deadline by = std::min(x.loop.now() + kPatience, x.dialer.answer_by());
  const Reaction reaction = co_await react(talk.stream(), std::move(record), by);
  Outcome out{reaction.text(), reaction.content_type == kApplication};
  if (reaction.content_type == kAlert) out.text = talk.alert_in(reaction.body);
  if (out.answered) out.text = "answered";
  if (ticket && !ticket->session && talk.session().session_has_ticket()) {
    ticket->lifetime = talk.session().ticket_lifetime();
    ticket->session = talk.close();
  }
  co_return out;
}

using Outcomes = std::array<Outcome, kFlaws.size()>;

Task<Unit> ask_into(Examination& x, tls::CbcFlaw flaw, Ticket* ticket, Result<Outcome>& out) {
  out = co_await ask(x, flaw, ticket);
  co_return Unit{};
}

Task<Result<Outcomes>> ask_all(Examination& x, Ticket* ticket) {
  static_assert(kFlaws.size() == 3);
  Outcomes out;
  CO_TRY(out[0], co_await ask(x, kFlaws[0], ticket));
  Result<Outcome> second = Outcome{}, third = Outcome{};
  Gather both(x.loop);
  both.start(ask_into(x, kFlaws[1], ticket && ticket->session ? ticket : nullptr, second));
  both.start(ask_into(x, kFlaws[2], nullptr, third));
  co_await both.all();
  CO_TRY(out[1], std::move(second));
  CO_TRY(out[2], std::move(third));
  co_return out;
}

/// These were handshakes of TLS 1.2 as good as any. A session that was not taken up may have been forgotten
/// for the flaw in its connection, which tells nothing.
void note_resumption(const Ticket& ticket, Observations& seen) {
  if (!ticket.resumed) return;
  seen.resumption = ResumptionSeen{
      .ticket_given = true, .by_ticket = true, .by_id = {}, .ticket_lifetime = ticket.lifetime};
}

std::string words_of(const Outcomes& all) {
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i)
    out += fmt::format("{}{}: it {}", i == 0 ? "" : "; ", kNames[i], all[i].text);
  return out;
}

bool all_same(const Outcomes& all) { return all[0].text == all[1].text && all[1].text == all[2].text; }

}  // namespace

Task<Unit> probe_padding(Examination& x) {
  Ticket ticket;
  const auto first = co_await ask_all(x, &ticket);
  note_resumption(ticket, x.seen);
  if (!first) {
    x.not_tested(kId, first.error().text());
    co_return Unit{};
  }
  AttacksSeen& out = x.seen.attacks;
  out.padding_unchecked = first->front().answered;
  out.padding_oracle = false;
  if (all_same(*first)) co_return Unit{};
  const auto second = co_await ask_all(x, nullptr);
  if (!second || words_of(*first) != words_of(*second)) {
    out.padding_oracle.reset();
    x.not_tested(kId, "the server's answers differ from one time to the next");
    co_return Unit{};
  }
  out.padding_oracle = !*out.padding_unchecked;
  out.padding_answers = words_of(*first);
  co_return Unit{};
}

}  // namespace sally::check
