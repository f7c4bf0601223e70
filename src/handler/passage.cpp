#include "handler/passage.h"

#include <utility>

#include "handler/proxy_request.h"
#include "handler/websocket.h"
#include "http/octets.h"

namespace sally::handler {
namespace {

using http::is;

/// Most backends that know of 100 send it at once; to others the body goes without (RFC 9110 10.1.1).
constexpr std::chrono::seconds kContinueWait{1};

/// Fields of an answer that the client's codec writes itself.
bool is_codecs_own(std::string_view name) {
  return is(name, "date") || is(name, "server") || is(name, "trailer");
}

}  // namespace

/// The answer's content, pulled out of the connection as far as the client takes it.
class Passage::AnswerBody final : public http::BodySource {
 public:
  explicit AnswerBody(Passage& passage) : p_(passage) {}

  Result<http::BodyView> view(std::size_t want) override {
    if (p_.call_ == nullptr) return http::BodyView{{}, true};
    auto seen = p_.call_->view(want);
    if (!seen) {
      if (p_.member_ != kNobody && !p_.x_.tunnel()) p_.proxy_.backends().failed(p_.member_);
      p_.leave_member();
      if (p_.x_.failures != nullptr) p_.x_.failures->note(p_.x_, seen.error());
      return seen;
    }
    if (seen->end && seen->bytes.empty()) p_.finish();
    return seen;
  }
  void consume(std::size_t n) override {
    if (p_.call_ == nullptr) return;
    p_.call_->consume(n);
    if (p_.call_->over()) p_.finish();
  }
  void wake_with(http::Waker& waker) override { p_.waker_ = &waker; }

 private:
  Passage& p_;
};

/// Waits until the connection takes more of the body.
struct Passage::Room {
  Passage& passage;
  bool await_ready() const { return passage.call_->room() > 0; }
  void await_suspend(std::coroutine_handle<> h) { passage.room_waiter_ = h; }
  void await_resume() const {}
};

Passage::Passage(http::Exchange& x, Proxy& proxy)
    : x_(x), proxy_(proxy), websocket_key_(websocket_key_of(x)) {
  proxy_.backends().retries().began();
}

Passage::~Passage() {
  connecting_.reset();
  sending_.reset();
  if (call_ != nullptr) call_->drop();
  leave_member();
  for (; retries_ > 0; --retries_) proxy_.backends().retries().retry_ended();
  proxy_.backends().retries().ended();
}

/// Sending it twice does no harm: what it asks for is the same (RFC 9110 9.2.2), and nothing of a body is
/// gone.
bool Passage::repeatable() const {
  return websocket() || (!x_.request.has_body && http::is_idempotent(x_.request.method));
}

void Passage::start() {
  if (!ask(choose())) return;
  connecting_ = Running<Result<Unit>>(connect());
  connecting_.start();
}

// --- which backend

upstream::Group::Pick Passage::choose() {
  const upstream::Group::Pick pick = proxy_.backends().choose(x_, tried_);
  if (pick.kind != upstream::Group::Pick::Kind::member) return pick;
  member_ = pick.index;
  chosen_at_ = backend().loop().now();
  tried_ |= upstream::Group::Tried{1} << member_;
  return pick;
}

/// Asks whom choose() chose on a kept connection, or stands in line, or gives up. True: connect() is next.
bool Passage::ask(const upstream::Group::Pick& pick) {
  using Kind = upstream::Group::Pick::Kind;
  if (pick.kind == Kind::busy && proxy_.backends().wait(*this)) return false;
  if (pick.kind != Kind::member) {
    fail(Error(pick.kind == Kind::busy ? upstream::kLineFull : upstream::kNoBackend, WirePos{}, proxy_.name(),
               std::source_location::current()));
    return false;
  }
  if (websocket() && backend().address().http2) {
    const Error why(upstream::kOnlyHttp2, WirePos{}, backend().address().text,
                    std::source_location::current());
    leave_member();
    fail(why);
    return false;
  }
  upstream::Call* const kept =
      proxy_.config().proxy_protocol ? nullptr : backend().kept(repeatable(), websocket());
  if (kept != nullptr) send_on(*kept);
  return kept == nullptr;
}

bool Passage::on_turn() {
  const upstream::Group::Pick pick = choose();
  if (pick.kind == upstream::Group::Pick::Kind::busy) return false;
  leave();
  if (!ask(pick)) return true;
  connecting_ = Running<Result<Unit>>(connect());
  connecting_.start();
  return true;
}

void Passage::on_too_long() {
  fail(Error(upstream::kWaitedTooLong, WirePos{}, proxy_.name(), std::source_location::current()));
}

/// Whether a request that the present backend did not take may be given to another one; then it is counted.
bool Passage::may_go_elsewhere() {
  if (retries_ >= proxy_.config().retry.most || proxy_.backends().size() < 2) return false;
  if (!proxy_.backends().retries().try_again()) return false;
  ++retries_;
  return true;
}

void Passage::leave_member() {
  if (member_ != kNobody) proxy_.backends().ended(std::exchange(member_, kNobody));
}

/// RFC 9110 15.6.3 to 15.6.5: it says itself that it cannot.
void Passage::judge(int status) {
  proxy_.backends().answered(member_, backend().loop().now() - chosen_at_);
  if (status >= 502 && status <= 504)
    proxy_.backends().failed(member_);
  else
    proxy_.backends().succeeded(member_);
}

/// What a connection of its own begins with; empty: nothing.
std::string Passage::proxy_header() const {
  const auto version = proxy_.config().proxy_protocol;
  if (!version || x_.facts == nullptr) return {};
  const auto client = SocketAddress::numeric(x_.facts->client_address, x_.facts->client_port);
  const auto server = SocketAddress::numeric(x_.facts->server_address, x_.facts->server_port);
  return write_proxy_header(*version, client.value_or(SocketAddress()), server.value_or(SocketAddress()));
}

Task<Result<Unit>> Passage::connect() {
  for (;;) {
    auto opened = co_await backend().connect(proxy_header(), websocket());
    if (opened) {
      send_on(**opened);
      co_return Unit{};
    }
    proxy_.backends().failed(member_);
    leave_member();
    if (!may_go_elsewhere()) {
      fail(opened.error());
      co_return Unit{};
    }
    const upstream::Group::Pick next = choose();
    if (next.kind == upstream::Group::Pick::Kind::none) {
      fail(opened.error());
      co_return Unit{};
    }
    if (!ask(next)) co_return Unit{};
  }
}

void Passage::send_on(upstream::Call& c) {
  call_ = &c;
  c.begin(*this, x_.arena, x_.response.fields, x_.response.trailers);
  write_proxy_request(x_, proxy_.config(), backend().address().authority(), websocket_key_, c);
  c.send_head();
  body_out_ = !x_.request.has_body || websocket();
  if (body_out_) return;
  awaits_continue_ = true;
  if (!x_.request.expects_continue) return start_body();
  backend().loop().arm(*this, backend().loop().now() + kContinueWait);
}

// --- the request's body

void Passage::start_body() {
  if (!std::exchange(awaits_continue_, false) || call_ == nullptr) return;
  sending_ = Running<Result<Unit>>(send_body());
  sending_.start();
}

Task<Result<Unit>> Passage::send_body() {
  for (;;) {
    co_await Room{*this};
    if (call_->refuses()) {
      x_.request_body.discard();  // the backend has heard enough; its answer may still come
      co_return Unit{};
    }
    auto more = co_await x_.request_body.more();
    if (!more) {
      fail(more.error());
      co_return Unit{};
    }
    if (more->empty()) break;
    const Bytes piece = more->first(std::min(more->size(), std::max<std::size_t>(call_->room(), 1)));
    call_->send_body(piece);
    x_.request_body.consume(piece.size());
  }
  call_->end_body(x_.request_body.trailers);
  body_out_ = true;
  co_return Unit{};
}

void Passage::on_room() {
  if (room_waiter_) std::exchange(room_waiter_, {}).resume();
}

void Passage::stop_body() {
  sending_.reset();
  room_waiter_ = {};
  awaits_continue_ = false;
}

// --- the answer

void Passage::on_head(const upstream::AnswerHead& head) {
  if (head.status == 101) return on_switch(head);
  if (head.status < 200) return on_interim(head);
  if (websocket() && !may_decline(x_, head.status)) return refuse_switch(not_switched(head.status));
  awaits_continue_ = false;  // an answer in place of a 100: the body is not wanted
  x_.response.status = head.status;
  take_fields(head);
  judge(head.status);
  if (const auto cookie = proxy_.backends().cookie_for(x_, member_))
    x_.response.fields.add("set-cookie", x_.arena.copy(*cookie));
  if (const auto whole = call_->take_whole()) {
    if (!whole->empty()) x_.response.body = http::Body::memory(*whole, nullptr);
    finish();
  } else {
    x_.response.body = answer_body(head.content_length);
  }
  x_.respond();
}

http::Body Passage::answer_body(std::optional<std::uint64_t> length) {
  return http::Body::from(std::make_unique<AnswerBody>(*this), length);
}

/// The backend has become a WebSocket: what comes now goes to the other side as it is.
void Passage::on_switch(const upstream::AnswerHead& head) {
  if (auto accepted = check_accept(x_.response.fields, websocket_key_); !accepted)
    return refuse_switch(accepted.error());
  judge(head.status);
  take_fields(head);
  if (x_.request.method == http::Method::connect) x_.response.fields.remove("sec-websocket-accept");
  if (const auto cookie = proxy_.backends().cookie_for(x_, member_))
    x_.response.fields.add("set-cookie", x_.arena.copy(*cookie));
  x_.response.body = answer_body(std::nullopt);
  x_.respond_tunnel();
  body_out_ = false;
  sending_ = Running<Result<Unit>>(send_body());
  sending_.start();
}

void Passage::refuse_switch(const Error& why) {
  std::exchange(call_, nullptr)->drop();
  proxy_.backends().failed(member_);
  leave_member();
  fail(why);
}

void Passage::on_interim(const upstream::AnswerHead& head) {
  http::Fields& fields = x_.response.fields;
  if (head.status == 100) {
    fields.clear();
    return start_body();
  }
  fields.remove_if([](const http::Field& f) {
    return is_hop_by_hop(f.name) || is_codecs_own(f.name) || is(f.name, "content-length");
  });
  http::Fields hints = std::move(fields);
  fields.clear();
  x_.send_interim(head.status, std::move(hints));
}

/// Drops what concerns the backend's connection only, and what the codec or the site says itself.
void Passage::take_fields(const upstream::AnswerHead& head) {
  http::Fields& fields = x_.response.fields;
  const bool tells_length = head.status == 304 || x_.request.method == http::Method::head;
  std::string_view names;
  for (const http::Field& f : fields)
    if (is(f.name, "connection")) names = f.value;
  const bool plain = names.empty() || is(names, "keep-alive") || is(names, "close");
  http::Fields named;
  if (!plain) {
    for (const http::Field& f : fields)
      if (is(f.name, "connection")) named.add(f.name, f.value);
  }
  fields.remove_if([&](const http::Field& f) {
    return is_hop_by_hop(f.name) || is_codecs_own(f.name) ||
           (!tells_length && is(f.name, "content-length")) || (!plain && named.lists("connection", f.name));
  });
  settle_added();
}

/// What the site adds to every answer gives way to what the application says itself, but for HSTS, which is
/// about the site's TLS.
void Passage::settle_added() {
  if (x_.added == nullptr) return;
  http::Fields& fields = x_.response.fields;
  bool both = false;
  for (const http::Field& f : x_.added->fields) both |= fields.first(f.name).has_value();
  if (!both) return;
  if (x_.added->fields.count("strict-transport-security") != 0) fields.remove("strict-transport-security");
  const std::size_t own = fields.size();
  for (const http::Field& f : x_.added->fields) {
    bool said = false;
    for (std::size_t i = 0; i < own; ++i)
      said |= (fields.begin() + static_cast<std::ptrdiff_t>(i))->name == f.name;
    if (!said) fields.add(f.name, f.value);
  }
  x_.added = nullptr;
}

void Passage::on_content() {
  if (waker_ != nullptr) waker_->wake();
}

/// The answer is in: the connection goes back, unless the request never went out as a whole.
void Passage::finish() {
  upstream::Call& c = *std::exchange(call_, nullptr);
  if (!body_out_) {
    stop_body();
    x_.request_body.discard();
  }
  c.give_back();
  leave_member();
}

// --- failures

void Passage::on_broken(Error why) {
  upstream::Call& c = *std::exchange(call_, nullptr);
  stop_body();
  const bool unanswered = c.untouched() && why.kind().retry == Retry::fresh_connection && repeatable();
  const bool again = unanswered && c.reused() && !std::exchange(retried_, true);
  c.drop();
  if (!again) {
    proxy_.backends().failed(member_);
    leave_member();
    if (!unanswered || !may_go_elsewhere()) return fail(why);
    const upstream::Group::Pick next = choose();
    if (next.kind == upstream::Group::Pick::Kind::none) return fail(why);
    if (!ask(next)) return;
  }
  connecting_ = Running<Result<Unit>>(connect());
  connecting_.start();
}

void Passage::fail(const Error& why) {
  if (!x_.responded()) x_.response.fields.clear();
  if (x_.failures != nullptr) x_.failures->give_up(x_, why);
}

}  // namespace sally::handler
