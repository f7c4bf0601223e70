// proto/http2/stream.h - what the codec knows of one open stream beside its exchange.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "http/exchange.h"
#include "proto/http2/head_reading.h"

namespace sally::http2 {

class ServerCodec;

/// Lives in the arena of its exchange: opening a stream allocates nothing of ours.
struct Stream final : http::BodyPipe::Writer, HeadReading {
  Stream(ServerCodec& owner, http::Exchange& exchange, std::int32_t number)
      : HeadReading(exchange, number), codec(owner) {}
  void taken(http::BodyPipe& pipe, std::size_t n) override;
  void wanted(http::BodyPipe& pipe) override;

  ServerCodec& codec;
  Stream *previous = nullptr, *next = nullptr;  ///< of the codec's list of open streams
  std::size_t unconsumed = 0;      ///< bytes of the request's body for which the window is not yet open again
  std::uint64_t body_left = 0;     ///< of the answer, if `length_known`
  std::uint64_t unread_bytes = 0;  ///< of the request's body, thrown away since `answered`
  bool head_whole = false, input_whole = false;
  bool length_known = false;
  bool answering = false;  ///< the answer's head was handed over, its end is not yet written
  bool starved = false;    ///< the answer's source had nothing
  bool trailers_sent = false;
  bool continue_due = false;  ///< the client waits for a 100
  bool ours = false;          ///< we reset it for a reason that is not the client's
  bool answered = false;      ///< the answer is out, what still comes of the request is thrown away
};
static_assert(std::is_trivially_destructible_v<Stream>);

}  // namespace sally::http2
