#include <fmt/format.h>

#include "check/probes/all.h"
#include "check/talk.h"
#include "tls/hello_builder.h"

namespace sally::check {
namespace {

using crypto::Certificate;

std::string request_of(const Target& target) {
  const std::string host = target.port == 443
                               ? (target.host.contains(':') ? "[" + target.host + "]" : target.host)
                               : target.endpoint();
  return fmt::format(
      "GET / HTTP/1.1\r\nHost: {}\r\nUser-Agent: sallyport-check\r\nAccept: */*\r\nConnection: close\r\n\r\n",
      host);
}

tls::ClientOffer offer_of(const Examination& x, std::vector<std::string> alpn, SSL_SESSION* resume) {
  return {.lowest = tls::kTls10,
          .highest = tls::kTls13,
          .server_name = x.target.server_name(),
          .alpn = std::move(alpn),
          .resume = resume,
          .identity = x.identity};
}

void note_certificates(const std::vector<std::string>& sent, HandshakeSeen& out) {
  for (const std::string& der : sent) {
    auto one = Certificate::from_der(as_bytes(der));
    if (one)
      out.certificates.push_back(*std::move(one));
    else
      out.unreadable = one.error().text();
  }
}

/// A server of which only a legacy handshake is known has shown its leaf there.
void fall_back_to_flights(const Observations& seen, HandshakeSeen& out) {
  for (const VersionSeen& v : seen.versions)
    if (out.certificates.empty() && !v.leaves.empty()) note_certificates({v.leaves.front()}, out);
}

void note_session(const tls::ClientSession& s, HandshakeSeen& out) {
  out.version = s.version();
  out.suite = s.suite();
  out.group = s.group();
  out.staple = s.stapled();
  out.stapled = !out.staple.empty();
  out.scts_in_handshake = s.sct_bytes() > 2;
  out.asked_for_certificate = s.asked_for_certificate();
}

void note_messages(const tls::ClientSession& s, HandshakeSeen& out) {
  out.messages = s.messages();
  out.first_alpn = s.alpn();
}

/// After the first was closed: some servers serve one at a time.
Task<Unit> second_connection(Examination& x, crypto::SslSession resume, HandshakeSeen& out) {
  auto session = tls::ClientSession::make(
      offer_of(x, x.target.is_http ? std::vector<std::string>{"h2", "http/1.1"} : std::vector<std::string>{},
               resume.get()));
  if (!session) co_return Unit{};
  Talk talk(x.dialer, *std::move(session));
  const auto done = co_await talk.start();
  if (!done) {
    x.not_tested("proto.resumption", done.error().text());
    co_return Unit{};
  }
  out.alpn = talk.session().alpn();
  if (resume) out.resumed = talk.session().resumed();
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_handshake(Examination& x) {
  HandshakeSeen out;
  auto session = tls::ClientSession::make(offer_of(
      x, x.target.is_http ? std::vector<std::string>{"http/1.1"} : std::vector<std::string>{}, nullptr));
  if (!session) {
    x.not_tested("handshake", session.error().text());
    co_return Unit{};
  }
  Talk talk(x.dialer, *std::move(session));
  const auto done = co_await talk.start();
  note_session(talk.session(), out);
  note_certificates(talk.session().certificates(), out);
  out.completed = done.has_value();
  if (!done) out.broken_off = done.error().detail();
  fall_back_to_flights(x.seen, out);
  if (done) {
    if (x.target.is_http) {
      auto answer = co_await talk.get(request_of(x.target));
      if (answer)
        x.seen.http = *std::move(answer);
      else if (out.asked_for_certificate)
        out.broken_off = answer.error().text();  // TLS 1.3: the refusal comes after the handshake
      else
        x.not_tested("http", answer.error().text());
    } else {
      co_await talk.listen(std::chrono::milliseconds(150));
    }
    note_messages(talk.session(), out);
    out.gave_session = talk.session().session() != nullptr;
    out.early_data = talk.session().session_allows_early_data();
    out.ticket_lifetime = talk.session().ticket_lifetime();
    co_await talk.say_goodbye();
    if (!x.quick) co_await second_connection(x, talk.close(), out);
  } else {
    x.not_tested("handshake", done.error().text());
    note_messages(talk.session(), out);
  }
  x.seen.handshake = std::move(out);
  co_return Unit{};
}

}  // namespace sally::check
