#include <fmt/format.h>

#include <array>

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

Task<Result<Outcome>> ask(Examination& x, tls::CbcFlaw flaw) {
  CO_TRY(auto session, tls::ClientSession::make({.lowest = tls::kTls12,
                                                 .highest = tls::kTls12,
                                                 .server_name = x.target.server_name(),
                                                 .suites = std::string(tls::kCbcSuites)}));
  Talk talk(x.dialer, std::move(session));
  CO_TRY_VOID(co_await talk.start());
  // Where the server speaks first, its greeting must not be taken for an answer.
  if (!x.target.is_http) (void)co_await talk.hear(std::chrono::milliseconds(200));
  const std::string request = "HEAD / HTTP/1.0\r\n\r\n";
  CO_TRY(std::string record, tls::seal_cbc(talk.session(), kApplication, request, flaw));
  const Deadline by = std::min(x.loop.now() + kPatience, x.dialer.answer_by());
  const Reaction reaction = co_await react(talk.stream(), std::move(record), by);
  if (reaction.content_type == kApplication) co_return Outcome{"answered", true};
  if (reaction.content_type == kAlert) co_return Outcome{talk.alert_in(reaction.body), false};
  co_return Outcome{reaction.text(), false};
}

using Outcomes = std::array<Outcome, kFlaws.size()>;

Task<Result<Outcomes>> ask_all(Examination& x) {
  Outcomes out;
  for (std::size_t i = 0; i < kFlaws.size(); ++i) {
    CO_TRY(out[i], co_await ask(x, kFlaws[i]));
  }
  co_return out;
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
  const auto first = co_await ask_all(x);
  if (!first) {
    x.not_tested(kId, first.error().text());
    co_return Unit{};
  }
  AttacksSeen& out = x.seen.attacks;
  out.padding_unchecked = first->front().answered;
  out.padding_oracle = false;
  if (all_same(*first)) co_return Unit{};
  const auto second = co_await ask_all(x);
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
