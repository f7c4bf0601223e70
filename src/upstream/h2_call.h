// upstream/h2_call.h - one request to a backend on a stream of HTTP/2.
#pragma once
#include <cstdint>
#include <optional>

#include "loop/loop.h"
#include "proto/http2/client_stream.h"
#include "upstream/call.h"
#include "upstream/terms.h"

namespace sally::upstream {

class H2Connection;

class H2Call final : public Call, private http2::ClientStream, private Timer {
 public:
  H2Call(H2Connection& connection, const Terms& terms);
  ~H2Call();

  void begin(CallUser& user, Arena& memory, http::Fields& fields, http::Fields& trailers) override;
  void start(const RequestHead& head) override;
  void field(std::string_view name, std::string_view value) override;
  void send_head() override;
  void send_body(Bytes bytes) override;
  void end_body(const http::Fields& trailers) override;
  std::size_t room() const override;
  bool refuses() const override { return closed_; }
  std::optional<Bytes> take_whole() override;
  Result<http::BodyView> view(std::size_t want) override;
  void consume(std::size_t n) override;
  bool over() const override { return whole_ && content_.empty(); }
  bool untouched() const override { return untouched_; }
  bool reused() const override { return reused_; }
  void give_back() override;
  void drop() override { give_back(); }

  /// The connection broke.
  void break_off(Error why);
  std::size_t place = 0;  ///< in the connection's list

 private:
  void on_interim(int status) override;
  void on_final(int status, std::optional<std::uint64_t> content_length) override;
  void on_input() override;
  void on_reset(std::uint32_t code, bool by_peer) override;
  void on_sent() override;
  void on_timer() override;
  void set_timer();
  void wait_until(TimePoint at);

  H2Connection& connection_;
  const Terms& terms_;
  CallUser* user_ = nullptr;
  std::optional<Error> failed_;
  Deadline deadline_ = kNever;
  TimePoint armed_at_ = kNever;
  bool has_body_ = false, headed_ = false, starved_ = false, untouched_ = true, reused_ = false;
};

}  // namespace sally::upstream
