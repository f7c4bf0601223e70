#include "gateway/upgrade.h"

#include <strings.h>

#include <utility>

namespace sally::gateway {

using namespace std::chrono_literals;

namespace {
constexpr Duration kPatience = 60s;
}

Result<std::unique_ptr<Upgrade>> Upgrade::begin(Loop& loop, Estate estate, Ended ended) {
  TRY(Successor successor, Successor::start(estate.program, estate.arguments));
  for (const auto& ports : estate.ports)
    for (const OpenPort& port : ports) {
      for (const Fd& socket : port.sockets) TRY_VOID(successor.give(socket.get(), port.asked.text()));
      for (const Fd& socket : port.datagrams) TRY_VOID(successor.give(socket.get(), port.asked.text()));
    }
  if (estate.strays >= 0) TRY_VOID(successor.give(estate.strays, kStrays));
  for (const OpenDatagrams& port : estate.datagrams)
    for (const Fd& socket : port.sockets) TRY_VOID(successor.give(socket.get(), port.text));
  TRY_VOID(successor.give_secret(estate.ticket_keys));
  ::explicit_bzero(estate.ticket_keys.data(), estate.ticket_keys.size());
  TRY_VOID(successor.end());
  std::unique_ptr<Upgrade> made(new Upgrade(loop, std::move(successor), std::move(ended)));
  TRY_VOID(loop.watch_level(made->successor_.fd(), *made));
  made->watched_ = true;
  loop.arm(*made, loop.now() + kPatience);
  return made;
}

Upgrade::~Upgrade() {
  if (watched_) loop_.unwatch(successor_.fd(), *this);
}

void Upgrade::on_events(std::uint32_t) {
  Successor::Answer answer = successor_.answer();
  if (!answer.ready) return end({false, std::move(answer.why)});
  if (const auto gone = successor_.let_go(); !gone) return end({false, gone.error().text()});
  end({true, "process " + std::to_string(pid_) + " has taken over; this one ends when its connections have"});
}

void Upgrade::on_timer() { end({false, "the new program was not ready within a minute"}); }

void Upgrade::end(Verdict verdict) {
  if (watched_) loop_.unwatch(successor_.fd(), *this);
  watched_ = false;
  loop_.disarm(*this);
  if (const Ended ended = std::exchange(ended_, nullptr)) ended(std::move(verdict));
}

}  // namespace sally::gateway
