#include "gateway/reloader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "os/notify.h"

namespace sally::gateway {

void Reloader::ask(Reply reply) {
  waiting_.push_back(std::move(reply));
  if (!attempt_) begin();
}

void Reloader::begin() {
  attempt_.emplace();
  attempt_->replies = std::exchange(waiting_, {});
  notify_reloading();
  if (const auto begun = prepare(); !begun) refuse(begun.error());
}

/// The workers make their handlers before any of them serves: what one of them cannot do none of them does.
Result<> Reloader::prepare() {
  const Serving& now = parts_.serving;
  TRY(Settings settings, parts_.load());
  attempt_->kept = keep_until_restart(settings, now.generation->settings);
  TRY(attempt_->next, Serving::prepare(std::move(settings), &now, parts_.tickets, parts_.errors));
  const Serving& next = *attempt_->next;
  attempt_->sites = site_changes(*now.generation, *next.generation);
  std::vector<Duty> duties;
  for (std::size_t i = 0; i < parts_.workers.size(); ++i) {
    TRY(duties.emplace_back(), next.duty(i, &now));
  }
  attempt_->waiting_for = duties.size();
  for (std::size_t i = 0; i < duties.size(); ++i)
    parts_.workers[i]->prepare(std::move(duties[i]), [this](Result<> made) {
      parts_.loop.post([this, made = std::move(made)]() mutable { prepared(std::move(made)); });
    });
  return {};
}

void Reloader::prepared(Result<> by_one) {
  if (!by_one && !attempt_->failed) attempt_->failed.emplace(std::move(by_one).error());
  if (--attempt_->waiting_for != 0) return;
  if (attempt_->failed) {
    for (const auto& worker : parts_.workers) worker->abandon();
    return refuse(*attempt_->failed);
  }
  const std::string text = applied_text();
  // The sockets of ports that go are closed here first: what comes later is refused, and not left in a queue
  // that nobody reads any more.
  parts_.take_up(*std::exchange(attempt_->next, std::nullopt));
  attempt_->waiting_for = parts_.workers.size();
  for (const auto& worker : parts_.workers)
    worker->commit([this, text](Result<>) {
      parts_.loop.post([this, text] {
        if (--attempt_->waiting_for != 0) return;
        parts_.errors.say_lines(LogLevel::notice, text);
        end({true, text});
      });
    });
}

std::string Reloader::applied_text() const {
  const Serving &now = parts_.serving, &next = *attempt_->next;
  const SiteChanges& sites = attempt_->sites;
  std::string out = fmt::format("the configuration is in use, number {}", next.generation->number);
  const auto list = [&](std::string_view what, const std::vector<std::string>& names) {
    constexpr std::size_t kMost = 20;
    if (names.empty()) return;
    out += fmt::format(
        "\n  {}: {}", what,
        fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMost)),
                  ", "));
    if (names.size() > kMost) out += fmt::format(" and {} more", names.size() - kMost);
  };
  const auto ports_not_in = [](const Serving& these, const Serving& those) {
    std::vector<std::string> names;
    for (const OpenPort& port : these.ports)
      if (std::ranges::find(those.ports, port.id, &OpenPort::id) == those.ports.end())
        names.push_back(port.text);
    for (const OpenDatagrams& port : these.datagrams)
      if (std::ranges::find(those.datagrams, port.id, &OpenDatagrams::id) == those.datagrams.end())
        names.push_back(port.text + " (UDP)");
    return names;
  };
  list("sites added", sites.added);
  list("sites changed", sites.changed);
  list("sites removed", sites.removed);
  if (sites.unchanged != 0) out += fmt::format("\n  sites unchanged: {}", sites.unchanged);
  list("ports opened", ports_not_in(next, now));
  list("ports closed", ports_not_in(now, next));
  list("need a restart or an upgrade, unchanged until then", attempt_->kept);
  list("warning", next.generation->settings.warnings);
  return out;
}

void Reloader::refuse(const Error& why) {
  // The lines of a configuration's faults speak for themselves.
  const std::string text = (why.kind().id == "config.invalid" || why.kind().id == "config.syntax")
                               ? std::string(why.detail())
                               : why.text();
  parts_.errors.error("the new configuration is refused, the old one stays in use:");
  parts_.errors.say_lines(LogLevel::error, text);
  end({false, text});
}

void Reloader::end(const Verdict& verdict) {
  notify_manager("READY=1");
  parts_.ended(verdict.good);
  std::vector<Reply> replies = std::move(attempt_->replies);
  attempt_.reset();
  for (Reply& reply : replies)
    if (reply) reply(verdict);
  if (!waiting_.empty() && !attempt_) begin();
}

}  // namespace sally::gateway
