// proto/http2/client_stream.h - one request of ours on an HTTP/2 connection, and what came of it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "base/buffer.h"
#include "http/fields.h"

namespace sally::http2 {

class ClientCodec;

/// Its owner keeps it where it is from submit() until detach(). The codec calls it from receive(), after all
/// that came was taken, but for on_interim(); from each call but that one it may be detached.
class ClientStream {
 public:
  struct Limits {
    std::size_t content_bytes;  ///< that came and are not consumed: the window of the stream
    std::size_t body_bytes;     ///< of the request, that wait to be sent
  };
  explicit ClientStream(const Limits& limits) : content_(limits.content_bytes), body_(limits.body_bytes) {}
  ClientStream(const ClientStream&) = delete;

 protected:
  virtual ~ClientStream() = default;

  /// A 1xx: its fields stand in the list. Only notes and copies.
  virtual void on_interim(int status) = 0;
  /// The final head.
  virtual void on_final(int status, std::optional<std::uint64_t> content_length) = 0;
  /// Content or its end came.
  virtual void on_input() = 0;
  /// The stream ended before its answer was whole. `code` as in RFC 9113 7; by_peer: told by RST_STREAM or
  /// GOAWAY, else the peer broke a rule.
  virtual void on_reset(std::uint32_t code, bool by_peer) = 0;
  /// Some of the body went out.
  virtual void on_sent() = 0;

  /// Where the answer's fields and trailers go, as views into the memory; set before submit().
  Arena* memory_ = nullptr;
  http::Fields *fields_ = nullptr, *trailers_ = nullptr;

  Buffer content_;                               ///< of the answer
  Buffer body_;                                  ///< of the request
  const http::Fields* body_trailers_ = nullptr;  ///< set with body_ended_
  bool body_ended_ = false;                      ///< nothing is added to body_ any more
  bool whole_ = false;                           ///< the answer's content is all in content_
  bool closed_ = false;                          ///< nothing can be sent or will come

 private:
  friend class ClientCodec;
  friend struct ClientFrames;

  std::int32_t id_ = -1;  ///< -1: not submitted, or detached
  int status_ = 0;
  std::optional<std::uint64_t> length_;
  std::size_t head_bytes_ = 0;
  std::uint32_t head_fields_ = 0, interims_ = 0, code_ = 0;
  bool final_ = false, told_final_ = false, input_fresh_ = false, sent_fresh_ = false, reset_ = false,
       reset_by_peer_ = false, noted_ = false, trailers_sent_ = false;
};

}  // namespace sally::http2
