#include "check/trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "check/h2_ask.h"
#include "check/http3_ask.h"
#include "check/talk.h"
#include "loop/offload.h"
#include "net/look_up.h"
#include "tls/hello_builder.h"
#include "tls/message_words.h"

namespace sally::check {
namespace {

constexpr unsigned kMostConnections = 4;
constexpr std::chrono::milliseconds kTicketPatience{100};

class Tracing {
 public:
  Tracing(Loop& loop, const TraceRequest& request, Trace& out)
      : loop_(loop), request_(request), out_(out), begun_(Clock::now()) {}

  Task<Unit> run() {
    const auto done = co_await all();
    if (!done) out_.trouble = done.error().text();
    co_return Unit{};
  }

 private:
  std::string name() const {
    return request_.server_name.empty() ? request_.target.server_name() : request_.server_name;
  }
  std::string host() const {
    return request_.server_name.empty() ? request_.target.host : request_.server_name;
  }

  std::vector<std::string> offered() const {
    if (!request_.target.is_http) return {};
    return request_.http2 ? std::vector<std::string>{"h2", "http/1.1"} : std::vector<std::string>{"http/1.1"};
  }

  double since(TimePoint at) const { return std::chrono::duration<double, std::milli>(at - begun_).count(); }

  void step(std::string what, std::vector<std::string> says) {
    out_.steps.push_back({.who = TraceStep::Who::us,
                          .what = std::move(what),
                          .says = std::move(says),
                          .at_ms = since(Clock::now())});
  }

  Task<Result<Unit>> all() {
    const Target& t = request_.target;
    CO_TRY(const auto addresses,
           co_await look_up(loop_, request_.connect_to.empty() ? t.host : request_.connect_to, t.port));
    std::vector<std::string> hosts;
    for (const SocketAddress& a : addresses) hosts.push_back(a.host());
    step("DNS", {fmt::format("{} is {}", request_.connect_to.empty() ? t.host : request_.connect_to,
                             fmt::join(hosts, ", "))});
    Dialer dialer(loop_, addresses.front(),
                  {.connect = request_.patience,
                   .answer = request_.patience,
                   .connections = kMostConnections,
                   .end = loop_.now() + 6 * request_.patience},
                  *t.protocol, {.server = t.server_name()}, t.port);
    out_.address = addresses.front().text();
    if (request_.http3) co_return co_await all_over_quic(addresses.front());
    CO_TRY(Line line, co_await dialer.connect());
    out_.connected = true;
    step("TCP", {"connected to " + out_.address});
    if (t.protocol->starttls) CO_TRY_VOID(co_await ask_for_tls(dialer, *line));
    co_return co_await shake(dialer, std::move(line));
  }

  std::string authority() const {
    return request_.target.port == 443 && !host().contains(':') ? host() : request_.target.endpoint();
  }

  Task<Result<Unit>> all_over_quic(SocketAddress address) {
    std::vector<tls::HandshakeMessage> messages;
    Http3Question question;
    question.address = address;
    question.server_name = name();
    question.authority = authority();
    question.path = request_.path;
    question.agent = "sallyport-trace";
    question.silence = question.patience = request_.patience;
    question.messages = &messages;
    std::string complaint;  // outlives the writer, whose thread tells it
    std::optional<quic::QlogWriter> records(std::in_place);
    quic::QlogConfig wanted;
    wanted.folder = request_.records;
    records->use(wanted, [&complaint](std::string text) { complaint = std::move(text); });
    question.qlog = &*records;
    const Http3Seen seen = co_await ask_over_http3(loop_, std::move(question));
    records.reset();
    if (!complaint.empty()) step("qlog", {complaint});
    answered_at_ = Clock::now();
    out_.connected = seen.has_session() || seen.end == Http3Seen::End::refused;
    out_.shaken = seen.has_session();
    if (out_.shaken) {
      out_.version = tls::kTls13;
      out_.suite = seen.suite;
      out_.group = seen.group;
      out_.alpn = "h3";
    }
    note_certificates(seen.certificates);
    note_messages(messages);
    out_.status = seen.status;
    note_answer();
    if (seen.end != Http3Seen::End::answered) co_return fail(kNoHttp3, seen.why);
    co_return Unit{};
  }

  Task<Result<Unit>> ask_for_tls(Dialer& dialer, Stream& stream) {
    PlainTalk talk;
    const auto client = request_.target.protocol->starttls(dialer.names());
    CO_TRY(const bool tls, co_await dialer.play(stream, *client, {}, talk));
    if (!tls) co_return fail(kNoStartTls, talk.why);
    step("STARTTLS", {"the plain dialogue agreed to TLS"});
    co_return Unit{};
  }

  Task<Result<Unit>> shake(Dialer& dialer, Line line) {
    CO_TRY(auto session, tls::ClientSession::make({.lowest = tls::kTls12,
                                                   .highest = tls::kTls13,
                                                   .server_name = name(),
                                                   .alpn = offered(),
                                                   .keep_messages = true}));
    Talk talk(dialer, std::move(session));
    const auto done = co_await talk.start_on(std::move(line));
    note_session(talk.session(), done.has_value());
    if (!done) {
      note_messages(talk.session().messages());
      co_return fail(done.error().kind(), std::string(done.error().detail()));
    }
    auto asked = co_await ask(talk);
    note_messages(talk.session().messages());
    if (asked) note_answer();
    co_await talk.say_goodbye();
    co_return std::move(asked);
  }

  Task<Result<Unit>> ask(Talk& talk) {
    if (!request_.target.is_http) {
      co_await talk.listen(kTicketPatience);
      co_return Unit{};
    }
    if (talk.session().alpn() == "h2") {
      CO_TRY(out_.status, co_await ask_over_http2(talk, authority(), request_.path, request_.patience));
      answered_at_ = Clock::now();
      co_return Unit{};
    }
    CO_TRY(
        const HttpAnswer answer,
        co_await talk.get(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: sallyport-trace\r\nAccept: "
                                      "*/*\r\nConnection: close\r\n\r\n",
                                      request_.path, authority())));
    answered_at_ = Clock::now();
    out_.status = answer.status;
    co_return Unit{};
  }

  void note_answer() {
    if (out_.status == 0) return;
    out_.steps.push_back(
        {.who = TraceStep::Who::us,
         .what = "HTTP",
         .says = {fmt::format("GET {} is answered with status {}{}", request_.path, out_.status,
                              out_.alpn == "h2"   ? " over HTTP/2"
                              : out_.alpn == "h3" ? " over HTTP/3"
                                                  : "")},
         .at_ms = since(answered_at_)});
  }

  void note_session(const tls::ClientSession& s, bool done) {
    out_.shaken = done;
    if (done) {
      out_.version = s.version();
      out_.suite = s.suite();
      out_.group = s.group();
      out_.alpn = s.alpn();
    }
    note_certificates(s.certificates());
  }

  void note_certificates(const std::vector<std::string>& sent) {
    for (const std::string& der : sent)
      if (auto one = crypto::Certificate::from_der(as_bytes(der)))
        out_.certificates.push_back(*std::move(one));
    if (out_.certificates.empty()) return;
    const std::span all(out_.certificates);
    out_.trust = request_.roots.verify(all.front(), all.subspan(1), WallClock::now());
    out_.name_covered = all.front().covers(host());
  }

  /// Messages are in the order in which the library saw them; tickets may come behind the request.
  void note_messages(const std::vector<tls::HandshakeMessage>& messages) {
    const std::uint16_t version = out_.version == 0 ? tls::kTls13 : out_.version;
    bool hello_seen = false;
    for (const tls::HandshakeMessage& m : messages) {
      // RFC 8446 2: all behind the ServerHello is encrypted. RFC 5246 7.3: only what follows
      // ChangeCipherSpec.
      const bool encrypted = version >= tls::kTls13 ? hello_seen : m.type == 20;
      out_.steps.push_back({.who = m.from_client ? TraceStep::Who::client : TraceStep::Who::server,
                            .what = m.name(),
                            .says = tls::message_words(as_bytes(std::string_view(m.content)), version),
                            .encrypted = encrypted,
                            .bytes = m.bytes,
                            .at_ms = since(m.at)});
      hello_seen = hello_seen || (m.type == 2 && !m.retry_request);
    }
  }

  Loop& loop_;
  const TraceRequest& request_;
  Trace& out_;
  TimePoint begun_, answered_at_{};
};

}  // namespace

Result<Trace> trace(const TraceRequest& request) {
  OffloadPool pool(1);
  TRY(const auto loop, Loop::make(&pool));
  Trace out;
  Tracing tracing(*loop, request, out);
  Running<Unit> task(tracing.run());
  task.start();
  while (!task.done()) loop->turn(std::chrono::milliseconds(500));
  task.take();
  return out;
}

}  // namespace sally::check
