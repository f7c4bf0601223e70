#include "handler/health_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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
  connecting_ = Running<Result<Unit>>(connect());
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
