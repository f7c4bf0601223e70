// proto/http2/server_codec.h - the server's half of HTTP/2 over nghttp2: frames in, exchanges, frames out.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "http/connection_facts.h"
#include "http/exchange_pool.h"
#include "http/http_limits.h"
#include "http/stamp.h"
#include "proto/codec.h"
#include "proto/http2/flood_guard.h"
#include "proto/http2/request_head.h"
#include "proto/http2/session.h"

namespace sally::http2 {

// clang-format off
inline constexpr ErrorKind kProtocol{"http2.protocol", Blame::peer, Retry::fresh_connection,
    "the client broke the rules of HTTP/2 framing", "read the reason in the detail; report the client's software",
    "RFC 9113 5.4.1", -1, 0};
inline constexpr ErrorKind kReset{"http2.reset_by_client", Blame::peer, Retry::never,
    "the client gave the request up", "nothing: people close pages", "RFC 9113 5.4.2", -1, 0};
inline constexpr ErrorKind kLost{"http2.connection_lost", Blame::peer, Retry::fresh_connection,
    "the connection ended before the answer was whole", "look at the network path", "RFC 9113 5.4.1", -1, 0};
inline constexpr ErrorKind kHeadTooLarge{"http2.header_too_large", Blame::peer, Retry::never,
    "a request's fields are more than limits.header_bytes or limits.header_count", "raise the limit, or send less",
    "RFC 9113 10.5.1", -1, 431};
inline constexpr ErrorKind kMalformed{"http2.malformed_request", Blame::peer, Retry::never,
    "a request's fields break the rules of HTTP", "report the client's software", "RFC 9113 8.1.1", -1, 400};
inline constexpr ErrorKind kAnswerLength{"http2.answer_length", Blame::our_bug, Retry::never,
    "an answer's body is longer or shorter than its content-length", "report the detail to the maintainers",
    "RFC 9113 8.1.1", -1, 500};
// clang-format on

/// Many exchanges are open at a time. Frames of all streams that are ready are written in one go, as far as the
/// sink has room, in the order of RFC 9218. Body bytes go from their source into the sink without a copy.
///
/// Nothing here may be called from inside the events' calls but what concerns the exchange itself.
/// source  RFC 9113, RFC 9218
class ServerCodec final : public sally::ServerCodec, private http::ExchangeOwner {
 public:
  /// All of them outlive the codec.
  ServerCodec(http::ExchangePool& pool, const http::HttpLimits& limits, CodecEvents& events,
              const http::ConnectionFacts& facts, const http::Stamp& stamp);
  ServerCodec(const ServerCodec&) = delete;
  ServerCodec& operator=(const ServerCodec&) = delete;
  ~ServerCodec() override;

  /// errors  http2.protocol, and the rows of flood_guard.h; GOAWAY is then ready for produce()
  Result<std::size_t> receive(Bytes plain) override;
  Result<bool> produce(ByteSink& out) override;
  CodecWait waiting() const override;
  void drain() override;
  bool finished() const override;
  void end_of_input() override;
  void fail_with(const Error& why) override;

 private:
  struct Stream;
  struct Calls;  ///< what nghttp2 calls

  // Requests in; an int is what nghttp2 wants to hear.
  int on_begin_frame(const nghttp2_frame_hd& hd);
  void open_stream(std::int32_t id);
  int on_header(Stream& s, std::string_view name, std::string_view value);
  int on_frame_end(Stream& s, bool end_stream);
  int on_data(Stream* s, std::int32_t id, Bytes bytes);
  int on_stream_close(Stream& s, std::uint32_t code);
  void on_ping_answered();
  void on_taken(Stream& s, std::size_t n);
  void on_wanted(Stream& s);
  int flood(const ErrorKind& kind);
  void end_exchange(Stream& s);
  void end_exchanges(std::string_view failure);
  void forget(Stream& s);

  // Answers out.
  static Stream& stream_of(http::Exchange& x);
  void submit(Stream& s);
  void submit_trailers(Stream& s);
  ssize_t read_body(Stream& s, std::size_t most, std::uint32_t& flags);
  int write_data(Stream& s, Bytes frame_head, std::size_t n);
  void close_answered();

  // http::ExchangeOwner
  void response_ready(http::Exchange& x) override;
  void body_ready(http::Exchange& x) override;
  void interim_ready(http::Exchange& x) override;
  void abort(http::Exchange& x, Error why) override;

  http::ExchangePool& pool_;
  const http::HttpLimits& limits_;
  CodecEvents& events_;
  const http::ConnectionFacts& facts_;
  const http::Stamp& stamp_;
  Session session_;
  FloodGuard flood_;
  std::vector<std::unique_ptr<Stream>> streams_;  ///< open ones, in no order
  ByteSink* out_ = nullptr;                       ///< during produce()
  const ErrorKind* failed_ = nullptr;             ///< why the connection ends
  bool in_head_ = false;                          ///< a header block has begun and not ended
  bool draining_ = false, dead_ = false;
};

}  // namespace sally::http2
