// proto/http1/server_codec.h - the server's half of HTTP/1.1 and 1.0: requests in, answers out, in order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/buffer.h"
#include "http/connection_facts.h"
#include "http/exchange_pool.h"
#include "http/http_limits.h"
#include "http/stamp.h"
#include "proto/codec.h"
#include "proto/http1/answer_writer.h"
#include "proto/http1/body_reader.h"
#include "proto/http1/head_parser.h"

namespace sally::http1 {

// clang-format off
inline constexpr ErrorKind kBodyCutShort{"http1.body_cut_short", Blame::peer, Retry::fresh_connection,
    "the client ended its side before the request's body was whole", "send what the head promises",
    "RFC 9112 8", -1, 400};
inline constexpr ErrorKind kClientGone{"http1.client_gone", Blame::peer, Retry::fresh_connection,
    "the client closed while it waited for its answer", "nothing: visitors leave", "", -1, 0};
// clang-format on

/// One exchange is open at a time. Requests that a client sends ahead stay unread until their turn comes:
/// receive() takes nothing of them, so that back-pressure is the socket's. An idle connection holds no
/// buffer.
///
///   input_   head --whole head--> body --last octet--> answering --answer out--> head
///            body --answer out--> skipping --last octet--> head
///            any --error, close, end of input--> over
///            answering --granted Upgrade--> tunnel --answer out--> over
///
/// A fault in a request is answered here, without a handler; on_finished() tells the access log of it, with
/// whatever of the request was understood, the status and `failure`. Nothing here may be called from inside
/// the events' calls but what concerns the exchange itself.
///
/// source  RFC 9112, RFC 9110
class ServerCodec final : public sally::ServerCodec,
                          private http::ExchangeOwner,
                          private http::BodyPipe::Writer {
 public:
  /// All of them outlive the codec. `limits` are the connection's; the events may lower or raise
  /// x.request_body.limit_total() for an exchange during on_request().
  ServerCodec(http::ExchangePool& pool, const http::HttpLimits& limits, CodecEvents& events,
              const http::ConnectionFacts& facts, const http::Stamp& stamp);
  ServerCodec(const ServerCodec&) = delete;
  ServerCodec& operator=(const ServerCodec&) = delete;
  /// Gives an open exchange back without on_finished(): call fail_with() first if the log shall see it.
  ~ServerCodec() override;

  /// errors  the rows of head_parser.h, chunked.h, body_reader.h and of this header
  Result<std::size_t> receive(Bytes plain) override;
  /// errors  an answer could not be kept to its promise: close so that the client notices (no close_notify)
  Result<bool> produce(ByteSink& out) override;
  CodecWait waiting() const override;
  void drain() override;
  bool finished() const override;
  /// To be called once receive() has taken all that came before the end.
  void end_of_input() override;
  void fail_with(const Error& why) override;

 private:
  enum class Input : std::uint8_t { head, body, answering, skipping, tunnel, over };
  class Inside;

  // Requests in. Each returns how many octets it took; 0: none can be taken now.
  Result<std::size_t> take_head(Bytes in);
  Result<std::size_t> take_line_end(std::string_view text, std::size_t held);
  Result<> check_size(std::string_view text, std::size_t end) const;
  Result<> open_exchange(std::string_view head);
  Result<std::size_t> take_body(Bytes in);
  Result<std::size_t> skip_body(Bytes in);
  Result<std::size_t> take_tunnel(Bytes in);

  // Answers out.
  Result<> begin_answer(ByteSink& out);
  void send_interims(ByteSink& out);
  bool too_much_unread() const;
  void finish_exchange();
  bool waits_in_vain() const;
  /// Ends what is open as broken: a farewell if the answer has not begun, otherwise a cut.
  void end_with(const Error& why);
  std::unexpected<Error> refuse(Error why);

  void response_ready(http::Exchange& x) override;
  void body_ready(http::Exchange& x) override;
  void interim_ready(http::Exchange& x) override;
  void abort(http::Exchange& x, Error why) override;
  void taken(http::BodyPipe& pipe, std::size_t n) override;
  void wanted(http::BodyPipe& pipe) override;
  void tell_sendable();

  http::ExchangePool& pool_;
  const http::HttpLimits& limits_;
  CodecEvents& events_;
  const http::ConnectionFacts& facts_;
  const http::Stamp& stamp_;

  Buffer head_;  ///< of a head that is not whole; owns memory only then
  HeadScan scan_;
  BodyReader body_;
  std::unique_ptr<http::Exchange> x_;
  AnswerWriter answer_;
  std::uint64_t skipped_ = 0;  ///< octets thrown away after the answer was out
  std::uint64_t offset_ = 0;   ///< of the next octet to be parsed
  std::uint64_t requests_ = 0;
  std::optional<Error> broken_;  ///< why the answer in progress must be cut
  Input input_ = Input::head;
  bool inside_ = false;          ///< in a call of the connection's: no need to tell it
  bool line_end_taken_ = false;  ///< the one empty line that may precede a request line
  bool close_ = false, draining_ = false, input_ended_ = false;
  bool continue_wanted_ = false, continue_due_ = false;
  bool stalled_ = false;  ///< receive() left octets because the body's pipe was full
  bool blocked_ = false;  ///< produce() found no room
  bool starved_ = false;  ///< the answer's source had nothing
};

}  // namespace sally::http1
