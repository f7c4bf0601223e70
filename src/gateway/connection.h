// gateway/connection.h - one client's connection from accept to close: peek, TLS, codec, exchanges.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.h"
#include "gateway/relay/call_handover.h"
#include "gateway/requests.h"
#include "gateway/sinks.h"
#include "gateway/wait_clock.h"
#include "loop/task.h"
#include "net/stream.h"
#include "proto/codec.h"
#include "tls/peek.h"

namespace sally::gateway {

inline constexpr ErrorKind kHandshakeTimeout{"timeout.handshake_timeout",
                                             Blame::peer,
                                             Retry::never,
                                             "the TLS handshake did not end in time",
                                             "raise tls.handshake_timeout, or fix the client",
                                             "",
                                             -1,
                                             0};
inline constexpr ErrorKind kGoneEarly{"gateway.gone_early",
                                      Blame::peer,
                                      Retry::never,
                                      "the client left before TLS stood",
                                      "nothing: port scans and health checks do this",
                                      "",
                                      -1,
                                      0};
inline constexpr ErrorKind kUnknownName{"tls.unrecognized_name",
                                        Blame::peer,
                                        Retry::never,
                                        "the client asked for a name that no site of this port has",
                                        "add the name to a site, or set `default = true` on one",
                                        "RFC 6066 3",
                                        112,
                                        421};
inline constexpr ErrorKind kDrainTimeout{
    "timeout.drain_timeout",
    Blame::operator_config,
    Retry::fresh_connection,
    "the program ended, and what was open had not within the time for it",
    "nothing, or raise limits.drain_timeout",
    "",
    -1,
    0};
/// Owns its stream, then its TLS session, then its codec, in this order; the codec owns the exchanges. An
/// idle one holds no buffer: input and output pass through the core's.
class Connection final : public Requests, private CodecEvents {
 public:
  /// door  the id of the port that it came by
  Connection(Worker& worker, std::uint64_t door, SharedPort port, Fd socket, const SocketAddress& client,
             std::uint64_t id);
  ~Connection();

  /// Runs until it ends and then calls Worker::retire(). heard: what the client has sent already.
  void start(Bytes heard = {});
  /// Takes no new requests; ends when the open ones are answered.
  void drain();
  /// The log hears of what is open; the connection is destroyed next.
  void cut() {
    if (codec_) codec_->fail_with(Error(kDrainTimeout, WirePos{}, {}, std::source_location::current()));
  }
  /// Ends without haste: HTTP/2 says GOAWAY; HTTP/1.1 says with its next answer that it was the last, and
  /// closes after limits.parting_timeout if nobody asks.
  void leave();
  /// The configuration has changed. `port` is what its port has become, or null. It lives on as it is if its
  /// site does, and leaves otherwise.
  void reconfigure(SharedPort port);
  /// Once it has ended: it was a call of SSTP, for which share.sstp of its port has a backend.
  bool is_call() const { return call_; }
  const SharedPort& port() const { return port_; }
  std::uint64_t id() const { return facts_.connection_id; }
  Fd take_socket() { return stream_.release(); }
  CallHandover hand_over();

 private:
  // CodecEvents
  void on_request(http::Exchange& x) override;
  void on_finished(http::Exchange& x) override { end(x); }
  void on_sendable() override { stream_.wake(); }
  // Requests
  http::Handler& handler_for(Site& site, http::Exchange& x) override;

  Task<Result<Unit>> run();
  Task<Result<Unit>> live();
  Task<Result<Unit>> hear_proxy();
  Task<Result<Unit>> greet();
  Task<Result<Unit>> shake_hands(Deadline by, Bytes in);
  Task<Result<Unit>> serve();
  Task<Result<Unit>> part();

  Result<Bytes> receive();
  Result<> keep(Bytes rest);
  Result<std::shared_ptr<Site>> choose_site(const tls::HelloPeek& peek);
  void refuse(std::uint8_t alert);
  void set_secure_facts(const tls::HelloPeek& peek);
  void make_codec(Bytes first);
  Result<> read_and_take();
  Result<bool> take_held();
  Result<std::size_t> take(Bytes in);
  Result<std::size_t> take_plain(Bytes plain);
  bool begins_call(Bytes plain) const;
  Result<bool> send_output();
  Result<> produce_once();
  Result<> flush();
  void input_ended();
  bool over() const;
  bool one_at_a_time() const { return facts_.alpn != "h2" && !prior_knowledge_; }
  std::uint8_t wanted() const;
  Deadline next_deadline();
  Result<> time_out();

  Stream stream_;
  Buffer held_;                         ///< input not taken yet: a part of a hello, or what a full codec left
  std::unique_ptr<Buffer> held_plain_;  ///< decrypted and not taken: only while the codec is full
  std::unique_ptr<Buffer> unsent_;      ///< what the kernel did not take: only while the client is slow
  std::optional<tls::ServerSession> tls_;
  RecordSizer sizer_;
  std::unique_ptr<ServerCodec> codec_;
  WaitClock clock_;
  std::uint64_t received_ = 0, sent_ = 0;
  bool leaving_ = false;        ///< see leave()
  Deadline leave_by_ = kNever;  ///< set when it is idle
  bool draining_ = false, input_ended_ = false, silent_end_ = false, more_to_send_ = false;
  bool prior_knowledge_ = false;  ///< HTTP/2 without TLS
  bool call_ = false;             ///< of SSTP: a Relay goes on with it
  bool plain_on_tls_ = false;     ///< a client speaks HTTP where TLS is spoken: it is redirected
  Running<Result<Unit>> running_;
};

}  // namespace sally::gateway
