// proto/http3/client_codec.h - the client's half of HTTP/3: requests asked on a QUIC connection, answers
// read.
#pragma once
#include <nghttp3/nghttp3.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "proto/http3/errors.h"
#include "quic/connection.h"

namespace sally::http3 {

/// One request on its way. Stays in place and outlives it: until on_whole() or on_lost(), which are the last
/// that it hears, or until the codec is gone. Nothing is asked from inside of these.
class Request {
 public:
  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  virtual ~Request() = default;

  /// Of the answer's head, trailers too. Pseudo-fields are not told; nghttp3 has checked name and value.
  virtual void on_field(std::string_view name, std::string_view value) = 0;
  /// A head is through. status: 100..999; below 200 another one follows.
  virtual void on_head(unsigned status) = 0;
  virtual void on_content(Bytes bytes) = 0;
  virtual void on_whole() = 0;
  /// No whole answer will come. error: why its stream ended (RFC 9114 8.1); 0: nobody said.
  virtual void on_lost(std::uint64_t error) = 0;

  std::int64_t stream() const { return stream_; }

 private:
  friend class ClientCodec;
  friend struct ClientSessionEvents;
  std::int64_t stream_ = -1;  ///< -1: not on its way
  std::size_t head_bytes_ = 0;
  unsigned status_ = 0;
  bool body_given_ = false;
  Bytes body_;
};

/// Not thread-safe. nghttp3 knows the frames, QPACK and what makes an answer malformed.
/// source  RFC 9114, RFC 9204
class ClientCodec final : public quic::StreamSource {
 public:
  using Fault = quic::ConnectionEvents::Fault;
  struct Limits {
    std::size_t head_bytes =
        256 * 1024;                    ///< of all heads and trailers of an answer, as RFC 9114 4.2.2 counts
    std::size_t table_bytes = 4096;    ///< of the QPACK table, each direction
    std::size_t blocked_streams = 16;  ///< answers that may wait for the table
  };

  explicit ClientCodec(const Limits& limits);
  ClientCodec(const ClientCodec&) = delete;
  ClientCodec& operator=(const ClientCodec&) = delete;
  /// Requests on their way hear nothing more.
  ~ClientCodec();

  /// The handshake is done: opens our streams on `connection`, which outlives the codec.
  Fault begin(quic::Connection& connection);
  /// As above, with streams that are open.
  struct OwnStreams {
    std::int64_t control, encoder, decoder;
  };
  Fault begin(quic::Connection& connection, const OwnStreams& streams);

  /// How many requests may be asked now.
  std::uint64_t room() const;
  /// What is to be sent waits in produce() of the connection. fields: pseudo-fields first; they are copied.
  /// body: outlives the connection. False: no room, or the connection is broken.
  bool ask(std::span<const nghttp3_nv> fields, Bytes body, Request& request);
  /// As above, on a stream that is open.
  bool ask(std::int64_t stream, std::span<const nghttp3_nv> fields, Bytes body, Request& request);
  /// The request hears nothing more, and the server is told so.
  void cancel(Request& request);

  // What the connection tells.
  Fault receive(std::int64_t stream, Bytes bytes, bool end);
  Fault acknowledged(std::int64_t stream, std::uint64_t bytes);
  Fault reset_by_server(std::int64_t stream, std::uint64_t error);
  Fault closed(std::int64_t stream, std::uint64_t error);
  Fault room_again(std::int64_t stream);
  // quic::StreamSource
  std::expected<void, std::uint64_t> next(Next& next) override;
  void sent(std::int64_t stream, std::size_t bytes) override;
  void blocked(std::int64_t stream) override;
  void shut(std::int64_t stream) override;

  /// The server takes no more requests on this connection (RFC 9114 5.2).
  bool is_leaving() const { return leaving_; }
  /// The server's settings came.
  bool settled() const { return settled_; }
  /// Why a fault was one.
  const Error* broken() const { return broken_ ? &*broken_ : nullptr; }

 private:
  friend struct ClientSessionEvents;  ///< nghttp3's callbacks
  struct FreeClientSession {
    void operator()(nghttp3_conn* session) const noexcept { nghttp3_conn_del(session); }
  };

  void detach(Request& request);
  void lose(Request& request, std::uint64_t error);
  Fault fault_of(nghttp3_ssize rv);

  const Limits limits_;
  quic::Connection* connection_ = nullptr;
  std::unique_ptr<nghttp3_conn, FreeClientSession> session_;
  std::optional<Error> broken_;
  std::exception_ptr thrown_;  ///< by a request, carried past nghttp3
  bool leaving_ = false, settled_ = false;
};

}  // namespace sally::http3
