// proto/http2/server_codec.h - the server's half of HTTP/2: many requests at once, framed by nghttp2.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include "http/connection_facts.h"
#include "http/exchange_pool.h"
#include "http/http_limits.h"
#include "http/stamp.h"
#include "proto/codec.h"
#include "proto/http2/errors.h"
#include "proto/http2/flood_guard.h"
#include "proto/http2/session.h"
#include "proto/http2/stream.h"

namespace sally::http2 {

/// nghttp2 knows the frames, HPACK, the states of streams and the windows; this knows exchanges, limits and
/// what a flood is. Bytes of bodies go from Body::view() into the sink without a copy between.
///
/// A fault in a request's meaning is answered here, without a handler; a malformed one is reset. Either way
/// on_finished() tells the access log of it. A fault of the connection is a GOAWAY and the end of all
/// exchanges.
///
/// source  RFC 9113, RFC 9218, RFC 9110
class ServerCodec final : public sally::ServerCodec, private http::ExchangeOwner {
 public:
  /// All of them outlive the codec. The events may lower or raise x.request_body.limit_total() for an
  /// exchange during on_request().
  ServerCodec(http::ExchangePool& pool, const http::HttpLimits& limits, CodecEvents& events,
              const http::ConnectionFacts& facts, const http::Stamp& stamp);
  ServerCodec(const ServerCodec&) = delete;
  ServerCodec& operator=(const ServerCodec&) = delete;
  /// Gives open exchanges back without on_finished(): call fail_with() first if the log shall see them.
  ~ServerCodec() override;

  /// errors  the rows of errors.h that end a connection
  Result<std::size_t> receive(Bytes plain) override;
  Result<bool> produce(ByteSink& out) override;
  CodecWait waiting() const override;
  /// Says first that an end will come, and where it is once the client has had a round trip to hear it
  /// (RFC 9113 6.8).
  void drain() override;
  bool finished() const override;
  /// No client of HTTP/2 closes one side only: what is open is broken.
  void end_of_input() override;
  void fail_with(const Error& why) override;

 private:
  friend struct FrameEvents;  ///< nghttp2's callbacks, in frame_events.cpp
  friend struct Stream;
  /// For the time of a call of the connection's.
  struct Inside {
    explicit Inside(ServerCodec& c) : codec(c) { codec.inside_ = true; }
    ~Inside() {
      codec.inside_ = false;
      codec.out_ = nullptr;
    }
    ServerCodec& codec;
  };

  // Requests in.
  Stream* open_stream(std::int32_t id);
  /// Null: not ours, or already gone.
  Stream* stream(std::int32_t id) {
    return recent_ != nullptr && recent_->id == id ? recent_ : find_stream(id);
  }
  Stream* find_stream(std::int32_t id);
  void head_is_whole(Stream& s, bool input_whole);
  void take_content(Stream& s, Bytes bytes);
  void input_is_whole(Stream& s);
  void close_stream(Stream& s, std::uint32_t code);
  void count(FloodGuard::Kind kind);
  void begin_frame(const nghttp2_frame_hd& head);
  bool too_much_queued() const;

  // Answers out.
  Result<> submit_answer(Stream& s);
  void submit_interim(Stream& s, int status, const http::Fields& fields);
  void set_priority(const Stream& s);
  void reset(Stream& s, std::uint32_t code);
  std::ptrdiff_t read_body(Stream& s, std::size_t most, std::uint32_t& flags);
  void write_data(Stream& s, Bytes frame_head, std::size_t length);
  void answer_is_out(Stream& s);
  bool write_frames(ByteSink& out);
  bool write_farewell(ByteSink& out);

  // Ends.
  void say_the_end();
  /// Says GOAWAY without nghttp2, whose queue may point into exchanges that end here.
  void end_with(const Error& why, std::uint32_t code);
  void end_all(std::string_view failure);
  void give_back(Stream& s);
  void tell_sendable();
  void taken(Stream& s, std::size_t n);
  void wanted(Stream& s);

  void response_ready(http::Exchange& x) override;
  void body_ready(http::Exchange& x) override;
  void interim_ready(http::Exchange& x) override;
  void abort(http::Exchange& x, Error why) override;

  http::ExchangePool& pool_;
  const http::HttpLimits& limits_;
  CodecEvents& events_;
  const http::ConnectionFacts& facts_;
  const http::Stamp& stamp_;

  FloodGuard guard_;
  Session session_;
  Stream* recent_ = nullptr;     ///< asked for last: nghttp2 speaks of one stream several times in a row
  Stream* streams_ = nullptr;    ///< the open ones
  ByteSink* out_ = nullptr;      ///< only while produce() runs
  Bytes pending_;                ///< of a frame that did not fit; nghttp2's memory
  Bytes content_;                ///< of the DATA frame that is being made
  std::string farewell_;         ///< last bytes, once the session is over
  std::optional<Error> broken_;  ///< a flood, noted inside nghttp2 and acted upon outside
  std::exception_ptr thrown_;    ///< by an event, carried past nghttp2
  std::uint64_t requests_ = 0;
  std::uint32_t open_ = 0, heads_ = 0, receiving_ = 0, answering_ = 0, starved_ = 0, tunnels_ = 0;
  bool inside_ = false;   ///< in a call of the connection's: no need to tell it
  bool blocked_ = false;  ///< produce() found no room
  bool ended_ = false;    ///< the session must not be used any more
  bool paused_ = false;   ///< a DATA frame waits for room
  bool draining_ = false, said_the_end_ = false, settings_sent_ = false, gave_up_ = false;
};

}  // namespace sally::http2
