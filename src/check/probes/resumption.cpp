#include "check/probes/all.h"
#include "check/talk.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

tls::ClientOffer offer_of(const Examination& x, bool tickets, SSL_SESSION* resume) {
  return {.lowest = tls::kTls12,
          .highest = tls::kTls12,
          .server_name = x.target.server_name(),
          .resume = resume,
          .tickets = tickets};
}

struct Pair {
  bool given = false;  ///< in the way that was asked for: a ticket, or an id
  std::optional<bool> resumed;
  std::uint32_t lifetime = 0;
};

/// A handshake and one that takes its session up.
Task<Result<Pair>> shake_twice(Examination& x, bool tickets) {
  Pair out;
  CO_TRY(auto first, tls::ClientSession::make(offer_of(x, tickets, nullptr)));
  Talk talk(x.dialer, std::move(first));
  CO_TRY_VOID(co_await talk.start());
  out.given = talk.session().session() != nullptr && talk.session().session_has_ticket() == tickets;
  out.lifetime = talk.session().ticket_lifetime();
  co_await talk.say_goodbye();
  const crypto::SslSession session = talk.close();
  if (!out.given) co_return out;
  CO_TRY(auto second, tls::ClientSession::make(offer_of(x, tickets, session.get())));
  Talk again(x.dialer, std::move(second));
  CO_TRY_VOID(co_await again.start());
  out.resumed = again.session().resumed();
  co_return out;
}

}  // namespace

Task<Unit> probe_resumption(Examination& x) {
  ResumptionSeen out;
  const auto tickets = co_await shake_twice(x, true);
  if (tickets) {
    out.ticket_given = tickets->given;
    out.by_ticket = tickets->resumed;
    out.ticket_lifetime = tickets->lifetime;
  } else {
    x.not_tested("proto.resumption", "TLS 1.2: " + tickets.error().text());
    co_return Unit{};
  }
  if (out.by_ticket == true && !x.thorough) {
    x.seen.resumption = out;
    co_return Unit{};
  }
  const auto ids = co_await shake_twice(x, false);
  if (ids) {
    out.id_given = ids->given;
    out.by_id = ids->resumed;
  } else {
    x.not_tested("proto.resumption", "TLS 1.2 without tickets: " + ids.error().text());
  }
  x.seen.resumption = out;
  co_return Unit{};
}

}  // namespace sally::check
