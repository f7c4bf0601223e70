// proto/http2/client_codec.h - the client's half of HTTP/2: many requests at once on one connection, framed
// by nghttp2.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/error.h"
#include "proto/http2/client_stream.h"
#include "proto/http2/session.h"

namespace sally::http2 {

// clang-format off
inline constexpr ErrorKind kServerProtocol{"http2.server_protocol_error", Blame::upstream, Retry::never,
    "the server broke a rule of the connection, or speaks no HTTP/2",
    "read the detail; is it a port that speaks HTTP/2?", "RFC 9113 5.4.1", -1, 502};
// clang-format on

/// What is taken from a server at most.
struct ClientLimits {
  std::size_t header_bytes = 32 * 1024;  ///< of a head or of trailers: names, values and 32 for each
  std::uint32_t header_count = 128;
  std::uint32_t stream_window = 64 * 1024;  ///< octets of one answer that wait here
  std::uint32_t streams = 100;              ///< at once; fewer if the server wants so
};

/// One for each connection. Does no I/O. The connection's window is always open: what waits is bounded by the
/// windows of the streams, so that one slow reader does not hold up the others.
///
/// source  RFC 9113, RFC 9110
class ClientCodec {
 public:
  static constexpr std::uint32_t kInterims = 32;  ///< 1xx before an answer

  /// `limits` outlives it.
  explicit ClientCodec(const ClientLimits& limits);
  ClientCodec(const ClientCodec&) = delete;

  /// How many further requests may be sent now; 0 for ever after a GOAWAY.
  std::uint32_t room() const;
  /// The server has said what it allows.
  bool settled() const { return settled_; }
  /// Not yet answered to the end.
  std::uint32_t open() const { return open_; }
  /// Errors: http2.server_protocol_error, if the connection takes no request any more.
  Result<> submit(ClientStream& s, std::span<const nghttp2_nv> head, bool has_body);
  /// There is more in s.body_, or it has ended.
  void resume(ClientStream& s);
  /// So much of s.content_ was used: the window opens.
  void consumed(ClientStream& s, std::size_t n);
  /// The owner is done with it. What is still open is cancelled.
  void detach(ClientStream& s);

  /// Takes all of it and tells the streams. Errors: http2.server_protocol_error, also of produce() soon
  /// after.
  Result<> receive(Bytes bytes);
  /// Appends frames until `out` has at least `enough` bytes or nothing is left to say. May call on_sent().
  Result<> produce(Buffer& out, std::size_t enough);
  bool wants_to_send() const;
  /// Says GOAWAY; room() is 0 from now on.
  void say_the_end();

 private:
  friend struct ClientFrames;

  void note(ClientStream& s);
  void tell();
  void tell(std::size_t place);
  ClientStream* stream(std::int32_t id) const;
  bool add_field(ClientStream& s, std::string_view name, std::string_view value);
  void head_is_whole(ClientStream& s);
  std::ptrdiff_t read_body(ClientStream& s, std::span<std::uint8_t> to, std::uint32_t& flags);

  const ClientLimits& limits_;
  Session session_;
  std::vector<ClientStream*> noted_;  ///< who has something to hear; null: detached since
  std::string fault_;                 ///< what nghttp2 said of the peer's last one
  std::exception_ptr thrown_;         ///< inside nghttp2, carried past it
  std::uint32_t open_ = 0;
  bool telling_ = false, settled_ = false;
};

}  // namespace sally::http2
