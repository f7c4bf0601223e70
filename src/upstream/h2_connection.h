// upstream/h2_connection.h - one connection of HTTP/2 to a backend: it carries many calls at once.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "loop/loop.h"
#include "proto/http2/client_codec.h"
#include "upstream/connection.h"
#include "upstream/h2_call.h"
#include "upstream/wire.h"

namespace sally::upstream {

class H2Connection;

/// What keeps them.
struct H2Owner {
  /// It has heard what the backend allows: room() is known.
  virtual void settled(H2Connection& c) = 0;
  /// It takes no calls any more and has none.
  virtual void ended(H2Connection& c) = 0;

 protected:
  ~H2Owner() = default;
};

/// A state machine on the loop, without coroutines.
class H2Connection final : private Pollable, private Timer, private Deferred {
 public:
  /// All of them outlive it, and it outlives its calls.
  /// name  the backend's, for errors
  H2Connection(Loop& loop, Wire wire, H2Owner& owner, std::string_view name, const Terms& terms,
               const http2::ClientLimits& limits, ConnectionScratch& scratch);
  ~H2Connection();
  /// Joins the loop. Errors: loop.system_call.
  Result<> start();

  /// How many further calls it takes now.
  std::uint32_t room() const { return retired_ || !settled_ ? 0 : codec_.room(); }
  /// It cannot say yet how many calls it takes; the first one may go.
  bool unsettled() const { return !retired_ && !settled_; }
  /// For one request.
  Call* call();

  // --- for its calls
  Loop& loop() { return loop_; }
  const Terms& terms() const { return terms_; }
  ConnectionScratch& scratch() { return scratch_; }
  http2::ClientCodec& codec() { return codec_; }
  bool secure() const { return wire_.secure(); }
  std::uint64_t calls() const { return calls_made_; }
  /// At the end of the turn, what there is to say is sent.
  void send_soon() { loop_.defer(*this); }
  void give_back(H2Call& call);
  /// A call's timer fired. If nothing at all came for a while, the connection is given up for others.
  void suspect();
  Error error(const ErrorKind& kind, std::string_view detail = {},
              std::source_location raised = std::source_location::current()) const;

 private:
  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void on_turn_end() override;
  void read();
  void flush();
  void break_all(const ErrorKind& kind, const std::string& why);
  void settle();
  void rest();

  Loop& loop_;
  Wire wire_;
  H2Owner& owner_;
  std::string_view name_;
  const Terms& terms_;
  ConnectionScratch& scratch_;
  http2::ClientCodec codec_;
  Buffer out_;  ///< what the kernel did not take
  std::vector<std::unique_ptr<H2Call>> calls_, dead_;
  std::uint64_t calls_made_ = 0;
  TimePoint heard_{};  ///< when something came last
  bool watched_ = false, writable_ = true, retired_ = false, broken_ = false, told_ = false, settled_ = false;
};

}  // namespace sally::upstream
