#include "gateway/relay/room_wait.h"

#include <utility>

namespace sally::gateway {

RoomWait::~RoomWait() {
  if (pick_.kind == Kind::member) backends_.ended(pick_.index);
}

upstream::Group::Pick RoomWait::take() { return std::exchange(pick_, {Kind::busy, 0}); }

bool RoomWait::on_turn() {
  const auto pick = backends_.choose(client_, tried_);
  if (pick.kind == Kind::busy) return false;
  leave();
  pick_ = pick;
  decided_ = true;
  wakes_.wake();
  return true;
}

void RoomWait::on_too_long() {
  decided_ = true;
  wakes_.wake();
}

}  // namespace sally::gateway
