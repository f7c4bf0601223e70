#include "handler/health_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "net/stream.h"
#include "os/os_error.h"
#include "proto/greeting.h"
#include "upstream/dial.h"

namespace sally::handler {
namespace {

upstream::Terms terms_of(const HealthConfig& config) {
  upstream::Terms terms;
  terms.connect_timeout = terms.answer_timeout = terms.idle_timeout = terms.send_timeout = config.timeout;
  terms.keep_connections = 0;
  return terms;
}

}  // namespace

HealthCheck::HealthCheck(const HealthConfig& config, const upstream::CoreParts& core,
                         const upstream::Address& address, std::shared_ptr<tls::ClientRules> rules,
                         std::shared_ptr<upstream::Posted> posted,
                         std::function<void(const std::string&)> tell)
    : config_(config),
      loop_(core.loop),
      terms_(terms_of(config)),
      backend_(core, address, terms_, std::move(rules)),
      posted_(std::move(posted)),
      tell_(std::move(tell)),
      state_(config.rise, config.fall, posted_->healthy) {
  loop_.arm(*this, loop_.now());
}

HealthCheck::~HealthCheck() {
  connecting_.reset();
  if (call_ != nullptr) call_->drop();
  if (mine_) posted_->checked = false;
}

void HealthCheck::on_timer() {
  if (under_way_) {
    connecting_.reset();
    return conclude(false, "no answer in time");
  }
  if (!mine_) mine_ = !posted_->checked.exchange(true);
  if (mine_) return begin();
  loop_.arm(*this, loop_.now() + config_.interval);
}

void HealthCheck::begin() {
  under_way_ = true;
  began_ = loop_.now();
  loop_.arm(*this, began_ + config_.timeout);
  const bool greets = config_.kind == HealthConfig::Kind::greeting;
  connecting_ = Running<Result<Unit>>(greets ? hear_greeting() : connect());
  connecting_.start();
}

Task<Result<Unit>> HealthCheck::connect() {
  auto opened = co_await backend_.connect();
  if (!opened) {
    conclude(false, opened.error().text());
    co_return Unit{};
  }
  call_ = *opened;
  if (config_.kind == HealthConfig::Kind::tcp) {
    conclude(true, "");
    co_return Unit{};
  }
  memory_.reset();
  fields_.clear();
  trailers_.clear();
  body_.clear();
  const std::string own = backend_.address().authority();
  call_->begin(*this, memory_, fields_, trailers_);
  RequestHead head;
  head.host = config_.host.empty() ? own : config_.host;
  head.path = config_.path;
  call_->start(head);
  call_->field("user-agent", "sallyport-health");
  call_->field("accept", "*/*");
  call_->send_head();
  co_return Unit{};
}

/// TLS where the address says so, then the first word of the server.
Task<Result<Unit>> HealthCheck::hear_greeting() {
  const Deadline by = began_ + config_.timeout;
  auto dialled = co_await upstream::dial(backend_, config_.first, nullptr, by);
  if (!dialled) {
    conclude(false, dialled.error().text());
    co_return Unit{};
  }
  upstream::Wire wire = *std::move(dialled);
  Stream waits(loop_, Fd(::dup(wire.fd())));
  if (const auto started = waits.start(); !started) {
    conclude(false, started.error().text());
    co_return Unit{};
  }
  wire.write(as_bytes(proto::greeting_question(config_.speaks)));  // as much as an empty socket takes
  std::array<std::byte, proto::kMostGreeting> heard;
  std::size_t size = 0;
  auto verdict = proto::Greeting::more;
  while (verdict == proto::Greeting::more) {
    const auto n = wire.read(std::span(heard).subspan(size));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (co_await waits.until(Stream::kReadable, by) & Stream::kTimedOut) break;
      continue;
    }
    if (n <= 0) {
      conclude(false, n == 0 ? "it closed the connection" : errno_text(errno));
      co_return Unit{};
    }
    size += static_cast<std::size_t>(n);
    verdict = proto::judge_greeting(config_.speaks, Bytes(heard).first(size));
  }
  wire.write(as_bytes(proto::greeting_farewell(config_.speaks)));
  wire.end_sending();
  conclude(verdict == proto::Greeting::good,
           verdict == proto::Greeting::busy   ? "it says that it has no time"
           : verdict == proto::Greeting::more ? "no greeting in time"
                                              : "it does not greet as servers of " + config_.speaks + " do");
  co_return Unit{};
}

void HealthCheck::on_head(const upstream::AnswerHead& head) {
  if (head.status < 200) return fields_.clear();
  if (head.status < config_.status.first || head.status > config_.status.last)
    return conclude(false, fmt::format("status {}", head.status));
  if (config_.contains.empty()) return conclude(true, "");
  if (const auto whole = call_->take_whole()) {
    search(*whole);
    return conclude(body_.contains(config_.contains), "the text is not in its answer");
  }
  on_content();
}

void HealthCheck::search(Bytes more) {
  body_.append(as_text(more.first(std::min(more.size(), kMostBody - body_.size()))));
}

void HealthCheck::on_content() {
  while (call_ != nullptr) {
    const auto seen = call_->view(kMostBody);
    if (!seen) return conclude(false, seen.error().text());
    search(seen->bytes);
    call_->consume(seen->bytes.size());
    if (body_.contains(config_.contains)) return conclude(true, "");
    if (seen->end || call_->over() || body_.size() == kMostBody)
      return conclude(false, "the text is not in its answer");
    if (seen->bytes.empty()) return;
  }
}

void HealthCheck::on_broken(Error why) { conclude(false, why.text()); }

void HealthCheck::conclude(bool good, const std::string& why) {
  under_way_ = false;
  if (call_ != nullptr) std::exchange(call_, nullptr)->drop();
  loop_.arm(*this, std::max(began_ + config_.interval, loop_.now() + std::chrono::milliseconds(10)));
  if (!state_.note(good)) return;
  posted_->healthy = state_.healthy();
  tell_(good ? fmt::format("backend {} is well again", backend_.address().text)
             : fmt::format("backend {} is not well: {}", backend_.address().text, why));
}

}  // namespace sally::handler
