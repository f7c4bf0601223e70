// handler/passage.h - one exchange on its way to a backend and back.
#pragma once
#include <coroutine>
#include <string>

#include "handler/proxy.h"
#include "http/exchange.h"
#include "loop/slab.h"
#include "loop/task.h"
#include "upstream/call.h"

namespace sally::handler {

/// Owned by its exchange: when that is over, however it ended, what is still open is closed. Only opening a
/// connection and sending a body are coroutines.
///
///   start() --kept connection--> request out --head--> answer in --end--> connection given back
///   start() --no kept one--> connect() --> request out
///   closed without an answer on a kept connection, and the request may be repeated --> connect(), once
///   not connected, or closed without an answer, and the request may be repeated --> another backend
///   asked for a WebSocket --101--> bytes both ways until one side ends
///   all backends have enough to do --> wait in line
class Passage final : public http::Answering,
                      private upstream::CallUser,
                      private upstream::Waiting,
                      private Timer {
 public:
  Passage(http::Exchange& x, Proxy& proxy);
  ~Passage() override;
  void start();

  static void* operator new(std::size_t n) { return FrameSlab::here().take(n); }
  static void operator delete(void* p, std::size_t n) { FrameSlab::here().give(p, n); }

 private:
  static constexpr std::size_t kNobody = upstream::Group::kMostMembers;
  class AnswerBody;
  struct Room;

  void on_head(const upstream::AnswerHead& head) override;
  void on_content() override;
  void on_broken(Error why) override;
  void on_room() override;
  void on_timer() override { start_body(); }
  bool on_turn() override;
  void on_too_long() override;

  // Which backend:
  upstream::Backend& backend() { return proxy_.backends().at(member_); }
  upstream::Group::Pick choose();
  bool ask(const upstream::Group::Pick& pick);
  bool may_go_elsewhere();
  void leave_member();
  void judge(int status);

  std::string proxy_header() const;
  bool repeatable() const;
  void send_on(upstream::Call& c);
  void start_body();
  http::Body answer_body(std::optional<std::uint64_t> length);
  void on_switch(const upstream::AnswerHead& head);
  void refuse_switch(const Error& why);
  bool websocket() const { return !websocket_key_.empty(); }
  void on_interim(const upstream::AnswerHead& head);
  void take_fields(const upstream::AnswerHead& head);
  void settle_added();
  void finish();
  void stop_body();
  void fail(const Error& why);
  Task<Result<Unit>> connect();
  Task<Result<Unit>> send_body();

  http::Exchange& x_;
  Proxy& proxy_;
  upstream::Call* call_ = nullptr;
  http::Waker* waker_ = nullptr;
  Running<Result<Unit>> connecting_, sending_;
  std::coroutine_handle<> room_waiter_;
  std::string_view websocket_key_;  ///< that the backend is told; empty: the request is for no WebSocket
  std::size_t member_ = kNobody;    ///< the backend that is asked
  TimePoint chosen_at_{};           ///< when it was chosen
  upstream::Group::Tried tried_ = 0;
  std::uint32_t retries_ = 0;
  bool retried_ = false, body_out_ = false, awaits_continue_ = false;
};

}  // namespace sally::handler
