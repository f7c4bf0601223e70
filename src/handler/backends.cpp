#include "handler/backends.h"

#include <fmt/format.h>

#include "crypto/entropy.h"

namespace sally::handler {
namespace {

/// How often those that wait look for room that another core has made.
constexpr std::chrono::milliseconds kLook{10};

upstream::Address address_of(const std::string& text) {
  std::string why;
  return upstream::Address::parse(text, why).value_or(upstream::Address{});
}

/// What is found by other checks is another thing: a reload that changes them begins anew.
std::string checks_of(const std::optional<HealthConfig>& health) {
  if (!health) return "";
  return fmt::format(" checked by {}{} {} {}-{} \"{}\" {} {}/{} {}/{}", static_cast<int>(health->kind),
                     health->speaks, health->path, health->status.first, health->status.last,
                     health->contains, health->host, health->interval.count(), health->timeout.count(),
                     health->rise, health->fall);
}

std::uint64_t random_number() {
  std::uint64_t out = 0;
  crypto::fill_random(std::as_writable_bytes(std::span(&out, 1)));
  return out;
}

}  // namespace

Backends::Backends(const ProxyConfig& config, const ProxyParts& parts)
    : config_(config),
      loop_(parts.core.loop),
      tell_(parts.tell),
      retries_(config.retry.percent, config.retry.least) {
  std::vector<std::shared_ptr<upstream::Posted>> posted;
  std::vector<std::string> addresses;
  for (const upstream::MemberTerms& member : config.to) {
    const upstream::Address address = address_of(member.address);
    const auto rules = addresses.size() < parts.tls.size() ? parts.tls[addresses.size()] : nullptr;
    addresses.push_back(address.text);
    backends_.push_back(std::make_unique<upstream::Backend>(parts.core, address, config, rules));
    posted.push_back(parts.board.find(parts.name + checks_of(config.health), addresses.back()));
    if (!config.health) {
      posted.back()->healthy = true;
      continue;
    }
    checks_.push_back(std::make_unique<HealthCheck>(
        *config.health, parts.core, address, address.starttls ? nullptr : rules, posted.back(), parts.tell));
  }
  group_.emplace(upstream::GroupTerms{config.balance.policy, config.eject, config.balance.slow_start},
                 config.to, std::move(posted), random_number());
  if (config.sticky)
    sticky_.emplace(config.sticky->cookie,
                    config.sticky->secret.empty() ? parts.board.secret() : config.sticky->secret, addresses);
}

Backends::~Backends() = default;

std::uint64_t Backends::key_of(const http::Exchange& x) const {
  if (config_.balance.policy != upstream::Policy::hash) return 0;
  const HashKey& key = config_.balance.key;
  std::optional<std::string_view> text;
  if (key.from == HashKey::From::path) text = x.request.asked();
  if (key.from == HashKey::From::header) text = x.request.fields.first(key.name);
  if (key.from == HashKey::From::cookie) text = upstream::cookie_value(x.request.fields, key.name);
  if (!text && x.facts) text = x.facts->client_address;
  return upstream::hash_of(text.value_or(""));
}

upstream::Group::Pick Backends::choose(const http::Exchange& x, upstream::Group::Tried tried) {
  const auto favourite = sticky_ ? sticky_->backend_of(x.request.fields) : std::nullopt;
  return group_->pick(key_of(x), favourite, tried, loop_.now());
}

upstream::Group::Pick Backends::choose(std::string_view client, upstream::Group::Tried tried) {
  return group_->pick(upstream::hash_of(client), std::nullopt, tried, loop_.now());
}

void Backends::ended(std::size_t index) {
  group_->ended(index);
  // Not now: this may be in the middle of another request's work.
  if (!line_.empty()) loop_.defer(*this);
}

void Backends::succeeded(std::size_t index) { group_->succeeded(index, loop_.now()); }

void Backends::failed(std::size_t index) {
  if (group_->failed(index, loop_.now()))
    tell_("backend " + at(index).address().text + " fails again and again: it is left alone for a while");
}

bool Backends::wait(upstream::Waiting& who) {
  if (line_.size() >= config_.queue.requests) return false;
  line_.join(who, loop_.now() + config_.queue.timeout);
  if (!armed()) loop_.arm(*this, loop_.now() + kLook);
  return true;
}

void Backends::on_timer() {
  move_line();
  if (!line_.empty()) loop_.arm(*this, loop_.now() + kLook);
}

void Backends::move_line() { line_.move(loop_.now()); }

std::optional<std::string> Backends::cookie_for(const http::Exchange& x, std::size_t index) const {
  if (!sticky_ || sticky_->backend_of(x.request.fields) == index) return std::nullopt;
  return sticky_->set_cookie(index, x.request.scheme == "https");
}

}  // namespace sally::handler
