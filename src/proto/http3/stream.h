// proto/http3/stream.h - what the codec knows of one open request beside its exchange.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "http/exchange.h"
#include "proto/http2/head_reading.h"

namespace sally::http3 {

class ServerCodec;

/// Bytes of an answer that were handed to QUIC and may have to be sent again.
struct Sent {
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t size = 0;
};

struct Stream final : http::BodyPipe::Writer, http2::HeadReading {
  Stream(ServerCodec& owner, std::unique_ptr<http::Exchange> exchange, std::int64_t number)
      : HeadReading(*exchange, number), codec(owner), owned(std::move(exchange)) {}
  void taken(http::BodyPipe& pipe, std::size_t n) override;
  void wanted(http::BodyPipe& pipe) override;

  ServerCodec& codec;
  std::unique_ptr<http::Exchange> owned;
  std::deque<Sent> unacknowledged;
  std::size_t held = 0;                ///< bytes of it
  std::size_t first_acknowledged = 0;  ///< bytes of the first that the client has
  std::uint64_t body_left = 0;         ///< of the answer, if `length_known`
  std::uint64_t unread_bytes = 0;      ///< of the request's body, thrown away since `answered`
  bool head_whole = false, input_whole = false;
  bool length_known = false;
  bool answering = false;     ///< the answer's head was handed over, its end is not yet written
  bool starved = false;       ///< the answer's source had nothing
  bool full = false;          ///< the answer waits for acknowledgements
  bool continue_due = false;  ///< the client waits for a 100
  bool ours = false;          ///< we reset it for a reason that is not the client's
  bool given_up = false;      ///< by the client
  bool answered = false;      ///< the answer is out
};

}  // namespace sally::http3
