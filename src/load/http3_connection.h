// load/http3_connection.h - a connection of a run over QUIC: HTTP/3 (RFC 9114).
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "load/link.h"
#include "proto/http3/client_codec.h"
#include "quic/client_connection.h"
#include "quic/client_socket.h"

namespace sally::load {

/// With a socket of its own, as clients have.
class Http3Connection final : public Link,
                              private Pollable,
                              private Deferred,
                              private Timer,
                              private quic::ClientEvents {
 public:
  explicit Http3Connection(const Parts& parts);
  ~Http3Connection() override { part(); }

  void open() override;
  void work() override;
  void tick() override;
  bool is_up() const override { return state_ == State::speaking || state_ == State::held; }

 private:
  enum class State : std::uint8_t { idle, paused, shaking, speaking, held, parting };

  /// One request, from ask() to its end.
  struct Slot final : http3::Request {
    explicit Slot(Http3Connection& c) : owner(c) {}
    void on_field(std::string_view, std::string_view) override {}
    void on_head(unsigned one) override { status = one; }
    void on_content(Bytes bytes) override { owner.ledger_.took_body(bytes.size()); }
    void on_whole() override;
    void on_lost(std::uint64_t error) override;
    Http3Connection& owner;
    Asked when{};
    unsigned status = 0;
    bool asked = false;
  };

  void on_events(std::uint32_t events) override;
  void on_turn_end() override { on_events(0); }
  void on_timer() override;

  Fault on_handshake() override { return codec_->begin(*connection_); }
  Fault on_stream_data(std::int64_t s, Bytes bytes, bool end) override;
  Fault on_acknowledged(std::int64_t s, std::uint64_t n) override { return codec_->acknowledged(s, n); }
  Fault on_reset(std::int64_t s, std::uint64_t e) override { return codec_->reset_by_server(s, e); }
  Fault on_closed(std::int64_t s, std::uint64_t e) override { return codec_->closed(s, e); }
  Fault on_room(std::int64_t s) override { return codec_->room_again(s); }

  bool connect();
  bool read_socket();
  void shaken();
  void ask_more();
  bool is_spent() const {
    return plan_.requests_per_connection != 0 && asked_ >= plan_.requests_per_connection;
  }
  bool ask(const Asked& when);
  bool send();
  void count_bytes();
  void expire_requests(TimePoint limit);
  void release(Slot& slot);
  Failure why_ended() const;
  void lost(Failure why);
  void part();
  void close();

  State state_ = State::idle;
  std::optional<quic::ClientSocket> socket_;
  std::unique_ptr<http3::ClientCodec> codec_;
  std::unique_ptr<quic::Connection> connection_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
  std::vector<nghttp3_nv> fields_;
  std::uint64_t asked_ = 0;                         ///< on this connection
  std::uint64_t counted_in_ = 0, counted_out_ = 0;  ///< bytes of the connection that are in the tally
};

}  // namespace sally::load
