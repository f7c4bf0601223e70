#include "gateway/relay/datagram_session.h"

#include <utility>

namespace sally::gateway {
namespace {

constexpr int kBatches = 4;  // in one turn: others must be served too

}  // namespace

DatagramSession::DatagramSession(const Parts& parts, const Ends& ends, SharedDatagramGroup group,
                                 std::size_t member, DatagramLink link)
    : parts_(parts),
      ends_(ends),
      group_(std::move(group)),
      member_(member),
      link_(std::move(link)),
      moved_at_(parts.loop.now()) {
  record_.facts.client_address = ends.client.host();
  record_.facts.client_port = ends.client.port();
  record_.facts.server_address = ends.here.host();
  record_.facts.server_port = ends.here.port();
  record_.protocol = group_->config().protocol();
  record_.passed = record_.datagrams = true;
  record_.backend = group_->name(member);
  record_.began = moved_at_;
}

DatagramSession::~DatagramSession() {
  if (watched_) parts_.loop.unwatch(link_.fd(), *this);
}

Result<> DatagramSession::start() {
  TRY_VOID(parts_.loop.watch_level(link_.fd(), *this));
  watched_ = true;
  parts_.loop.arm(*this, moved_at_ + patience());
  return {};
}

Duration DatagramSession::patience() const {
  return confirmed_ ? group_->config().idle_timeout : group_->config().opening_timeout;
}

void DatagramSession::take(const DatagramRun& run, bool opens) {
  if (over_) return;
  moved_at_ = parts_.loop.now();
  record_.from_client += run.bytes.size();
  if (answered_ && !opens && !std::exchange(confirmed_, true)) parts_.host.confirmed(*this);
  link_.send(run);
}

void DatagramSession::on_run(const DatagramRun& run) {
  if (!std::exchange(answered_, true)) group_->succeeded(member_, parts_.loop.now());
  if (!confirmed_ && record_.to_client + run.bytes.size() > kMostAnswer * record_.from_client) return;
  record_.to_client += run.bytes.size();
  parts_.host.answer(*this, run);
}

void DatagramSession::on_events(std::uint32_t) {
  // A backend that asks again and again keeps nobody waiting whose client is not there.
  if (confirmed_) moved_at_ = parts_.loop.now();
  for (int i = 0; i < kBatches && !over_; ++i) {
    const auto more = link_.take(parts_.buffers, *this);
    if (!more) return break_off(more.error());
    if (!*more) return;
  }
}

void DatagramSession::on_timer() {
  const TimePoint due = moved_at_ + patience();
  if (parts_.loop.now() < due) return parts_.loop.arm(*this, due);
  if (answered_) return end("idle");
  break_off(Error(kNoAnswer, WirePos{}, {}, std::source_location::current()));
}

void DatagramSession::end(std::string_view by) {
  if (std::exchange(over_, true)) return;
  record_.ended_by = by;
  parts_.host.over(*this);
}

void DatagramSession::break_off(const Error& why) {
  if (over_) return;
  record_.failure = why.kind().id;
  end(why.is(kRefusedDatagram) ? "backend" : "");
}

}  // namespace sally::gateway
