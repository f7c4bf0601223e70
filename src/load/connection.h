// load/connection.h - a connection of a run over TCP, with TLS or without: HTTP/1.1 and HTTP/2.
#pragma once
#include <memory>
#include <string>

#include "load/link.h"
#include "load/speaker.h"
#include "os/fd.h"

namespace sally::load {

class Connection final : public Link, private Pollable, private Deferred {
 public:
  using Link::Link;
  ~Connection() override { part(); }

  void open() override;
  void work() override;
  void tick() override;
  bool is_up() const override { return state_ == State::speaking || state_ == State::held; }

 private:
  enum class State : std::uint8_t { idle, paused, connecting, shaking, speaking, held, parting };

  void on_events(std::uint32_t events) override;
  void on_turn_end() override { on_events(0); }
  bool connected();
  bool begin_tls();
  bool read_socket();
  bool take(Bytes bytes);
  bool shake();
  bool shaken();
  bool ask_for_ticket();
  void fetch_ticket();
  bool speak(std::string_view alpn);
  bool read_plain();
  bool hear(Bytes plain);
  void ask_more();
  bool flush();
  bool encrypt();
  bool send(Bytes bytes, std::size_t& sent);
  void ended();
  void lost(Failure why);
  void leave();
  void say_goodbye();
  void part();
  void close();

  Fd fd_;
  State state_ = State::idle;
  crypto::Ssl ssl_;
  std::unique_ptr<Speaker> speaker_;
  bool hung_up_ = false;        ///< the server's side has ended, behind what is still to be read
  std::string plain_, unsent_;  ///< before and after encryption; empty but when the socket is full
  std::size_t plain_at_ = 0, unsent_at_ = 0;
};

}  // namespace sally::load
