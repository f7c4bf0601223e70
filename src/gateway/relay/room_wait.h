// gateway/relay/room_wait.h - a connection's place in the line for a backend that has room.
#pragma once
#include <string>
#include <string_view>

#include "handler/backends.h"
#include "net/stream.h"
#include "upstream/wait_line.h"

namespace sally::gateway {

class RoomWait final : private upstream::Waiting {
 public:
  /// wakes: when it is decided. All outlive it.
  RoomWait(handler::Backends& backends, std::string_view client, upstream::Group::Tried tried, Stream& wakes)
      : backends_(backends), client_(client), tried_(tried), wakes_(wakes) {}
  ~RoomWait() override;

  /// False: the line is full.
  bool join() { return backends_.wait(*this); }
  bool decided() const { return decided_; }
  /// Kind::busy: it was too long. Of a member ended() is now the caller's.
  upstream::Group::Pick take();

 private:
  using Kind = upstream::Group::Pick::Kind;
  bool on_turn() override;
  void on_too_long() override;

  handler::Backends& backends_;
  std::string client_;
  upstream::Group::Tried tried_;
  Stream& wakes_;
  upstream::Group::Pick pick_{Kind::busy, 0};
  bool decided_ = false;
};

}  // namespace sally::gateway
