// proto/http3/server_codec.h - the server's half of HTTP/3: requests on the streams of a QUIC connection.
#pragma once
#include <nghttp3/nghttp3.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "http/connection_facts.h"
#include "http/exchange_pool.h"
#include "http/http_limits.h"
#include "http/stamp.h"
#include "proto/codec.h"
#include "proto/http2/flood_guard.h"
#include "proto/http3/control_frames.h"
#include "proto/http3/errors.h"
#include "proto/http3/stream.h"
#include "quic/connection.h"

namespace sally::http3 {

struct FreeSession {
  void operator()(nghttp3_conn* session) const noexcept { nghttp3_conn_del(session); }
};

/// nghttp3 knows the frames and QPACK; this knows exchanges and limits. Bytes of bodies are copied once,
/// because QUIC may have to send them again; an answer's source is asked for more only while less than
/// limits.output_buffer_bytes wait for the client.
///
/// A fault in a request's meaning is answered here, without a handler; a malformed one is reset. Either way
/// on_finished() tells the access log of it. A fault of the connection closes it.
///
/// source  RFC 9114, RFC 9204, RFC 9218, RFC 9220
class ServerCodec final : public quic::StreamSource, private http::ExchangeOwner {
 public:
  using Fault = quic::ConnectionEvents::Fault;

  /// All of them outlive the codec.
  ServerCodec(http::ExchangePool& pool, const quic::QuicConfig& config, CodecEvents& events,
              const http::ConnectionFacts& facts, const http::Stamp& stamp);
  ServerCodec(const ServerCodec&) = delete;
  ServerCodec& operator=(const ServerCodec&) = delete;
  /// Gives open exchanges back without on_finished(): call fail_with() first if the log shall see them.
  ~ServerCodec();

  /// The handshake is done: opens our streams on `connection`. Both outlive the codec.
  Fault begin(quic::Connection& connection, const http::HttpLimits& limits);
  // What the connection tells.
  Fault receive(std::int64_t stream, Bytes bytes, bool end);
  Fault acknowledged(std::int64_t stream, std::uint64_t bytes);
  Fault reset_by_client(std::int64_t stream, std::uint64_t error);
  Fault closed(std::int64_t stream, std::uint64_t error);
  Fault room_again(std::int64_t stream);
  // quic::StreamSource
  std::expected<void, std::uint64_t> next(Next& next) override;
  void sent(std::int64_t stream, std::size_t bytes) override;
  void blocked(std::int64_t stream) override;
  void shut(std::int64_t stream) override;

  /// As of sally::ServerCodec.
  CodecWait waiting() const;
  /// Takes no new requests: says so, and once more when the client has had a round trip to hear it.
  void drain();
  bool finished() const;
  /// Ends all exchanges; the owner closes the connection.
  void fail_with(const Error& why);
  /// Why a fault was one; for the log.
  const Error* broken() const { return broken_ ? &*broken_ : nullptr; }
  std::size_t open_requests() const { return streams_.size(); }
  /// Bytes of streams that came, and of answers that the client has.
  std::uint64_t received_bytes() const { return received_; }
  std::uint64_t taken_bytes() const { return taken_; }

 private:
  friend struct SessionEvents;  ///< nghttp3's callbacks, in session_events.cpp
  friend struct Stream;
  /// For the time of a call of the connection's.
  struct Inside {
    explicit Inside(ServerCodec& c) : codec(c), before(c.inside_) { codec.inside_ = true; }
    ~Inside() { codec.inside_ = before; }
    ServerCodec& codec;
    bool before;
  };

  Stream& open_stream(std::int64_t id);
  Stream* find(std::int64_t id);
  void head_is_whole(Stream& s, bool input_whole);
  void take_content(Stream& s, Bytes bytes);
  void input_is_whole(Stream& s);
  void close_stream(Stream& s, std::uint64_t error);
  void count_reset();
  void note_reset(Stream& s);
  bool is_fault_of_request(std::int64_t stream, nghttp3_ssize fault, bool bare_end);
  void note_malformed(Stream& s, std::uint64_t error);

  Result<> submit_answer(Stream& s);
  void submit_interim(Stream& s, int status, const http::Fields& fields);
  void reset(Stream& s, std::uint64_t error);
  nghttp3_ssize read_body(Stream& s, nghttp3_vec& to, std::uint32_t& flags);
  nghttp3_ssize keep(Stream& s, Bytes content, nghttp3_vec& to);
  bool add_trailers(Stream& s);
  void forget(Stream& s, std::size_t bytes);
  void answer_is_out(Stream& s);

  Fault fault_of(nghttp3_ssize rv);
  void break_with(const ErrorKind& kind, std::string detail);
  void give_back(Stream& s);
  void tell_sendable();
  void taken(Stream& s, std::size_t n);
  void wanted(Stream& s);

  void response_ready(http::Exchange& x) override;
  void body_ready(http::Exchange& x) override;
  void interim_ready(http::Exchange& x) override;
  void abort(http::Exchange& x, Error why) override;

  http::ExchangePool& pool_;
  const quic::QuicConfig& config_;
  CodecEvents& events_;
  const http::ConnectionFacts& facts_;
  const http::Stamp& stamp_;

  quic::Connection* connection_ = nullptr;
  const http::HttpLimits* limits_ = nullptr;  ///< of the site; null until begin()
  std::optional<http2::FloodGuard> guard_;    ///< likewise
  std::unique_ptr<nghttp3_conn, FreeSession> session_;
  std::unordered_map<std::int64_t, std::unique_ptr<Stream>> streams_;
  std::map<std::int64_t, ControlFrames> one_way_;  ///< as many as QUIC lets a client open
  std::optional<Error> broken_;                    ///< noted inside nghttp3 and acted upon outside
  std::exception_ptr thrown_;                      ///< by an event, carried past nghttp3
  std::int64_t ending_ = -1;                       ///< the stream whose last bytes next() gave
  std::size_t ending_bytes_ = 0;
  std::uint64_t requests_ = 0, received_ = 0, taken_ = 0;
  std::size_t held_ = 0;       ///< bytes that wait for acknowledgement
  std::size_t handed_on_ = 0;  ///< bytes of contents in this call of receive()
  std::uint32_t receiving_ = 0, answering_ = 0, starved_ = 0, tunnels_ = 0, full_ = 0;
  bool inside_ = false, ended_ = false, draining_ = false, said_the_end_ = false;
};

/// nghttp3's callbacks for a ServerCodec.
const nghttp3_callbacks& session_events();
nghttp3_data_reader body_reader();

}  // namespace sally::http3
