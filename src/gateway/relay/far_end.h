// gateway/relay/far_end.h - the backend's end of a relayed connection: it never waits, and wakes who does.
#pragma once
#include <optional>
#include <span>

#include "loop/loop.h"
#include "net/stream.h"
#include "upstream/wire.h"

namespace sally::gateway {

class FarEnd final : private Pollable {
 public:
  /// waker  of the client's end: what waits there goes on when something happens here
  FarEnd(Loop& loop, Stream& waker) : loop_(loop), waker_(waker) {}
  FarEnd(const FarEnd&) = delete;
  ~FarEnd();

  /// Errors: loop.system_call.
  Result<> start(upstream::Wire wire);
  /// Leaves this backend, for another one.
  void drop();
  int fd() const { return wire_.fd(); }
  bool open() const { return watched_; }

  /// nullopt: nothing is there now. 0: the end. Errors: net.socket.
  Result<std::optional<std::size_t>> read_now(std::span<std::byte> room);
  bool readable() const { return readable_; }
  /// How much was taken. One that takes nothing any more may still have something to say: refuses() then.
  std::size_t write_now(Bytes bytes);
  bool writable() const { return writable_; }
  bool refuses() const { return refuses_; }
  void end_sending() { wire_.end_sending(); }
  /// The backend sees that it was broken off: nothing looks like an end in good order.
  void reset();

 private:
  void on_events(std::uint32_t events) override;

  Loop& loop_;
  Stream& waker_;
  upstream::Wire wire_;
  bool watched_ = false, readable_ = false, writable_ = true, hung_up_ = false, refuses_ = false;
};

/// What is sent next is a reset, once the socket is closed.
void reset_when_closed(int fd);

}  // namespace sally::gateway
