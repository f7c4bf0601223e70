// proto/codec.h - the server's half of an HTTP version: bytes to exchanges and back, no I/O, never waits.
#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"
#include "http/exchange.h"

namespace sally {

/// Where a codec's bytes go. The sink gathers small writes into full TLS records and the records of one turn
/// into one send. A codec writes only while there is room, and asks again before each piece.
class ByteSink {
 public:
  /// Bytes that may be written now; 0: the socket is behind, wait for the next produce().
  virtual std::size_t room() const = 0;
  /// At most room() bytes, copied or sealed before it returns.
  virtual void write(Bytes bytes) = 0;

 protected:
  ~ByteSink() = default;
};

/// What a codec tells its connection.
struct CodecEvents {
  /// A request's head is whole. The exchange is answered during this call or later (Exchange::respond()).
  virtual void on_request(http::Exchange& x) = 0;
  /// The last byte of the response was written, or the exchange ended broken (x.failure says how). After the
  /// call the exchange is recycled: nothing may refer to it.
  virtual void on_finished(http::Exchange& x) = 0;
  /// Something became sendable outside receive() and produce(), or there is room again for bytes that
  /// receive() left: call produce() in this turn, then receive() if bytes are left.
  virtual void on_sendable() = 0;

 protected:
  ~CodecEvents() = default;
};

/// For which step the peer (or the handler) is being waited for; the connection picks the timer by it.
enum class CodecWait : std::uint8_t {
  idle,      ///< no exchange open, nothing of a request has come: keep-alive timer
  head,      ///< a request's head has begun and is not whole
  body,      ///< bytes of a request body are due and wanted
  response,  ///< the handler is at work; no timer on the peer
  tunnel,    ///< nothing is open but tunnels, and none of them moves
  send,      ///< bytes wait for the peer to take them (TCP or HTTP/2 window)
};

/// One for each connection. Errors from receive() end the connection; the codec has then already written the
/// farewell (400, GOAWAY) that produce() will send.
class ServerCodec {
 public:
  virtual ~ServerCodec() = default;
  /// Takes plaintext; returns how much was used. Less than all: the codec is full (back-pressure); the rest
  /// is offered again after produce() or after bodies were taken. Calls on_request() for each whole head.
  virtual Result<std::size_t> receive(Bytes plain) = 0;
  /// Writes what is ready, as far as there is room. True: more is ready than there was room for. An error: an
  /// answer cannot be kept to its promise, and finished() stays false; close so that the client notices.
  virtual Result<bool> produce(ByteSink& out) = 0;
  virtual CodecWait waiting() const = 0;
  /// Takes no new requests: HTTP/1 closes after the current answer, HTTP/2 says GOAWAY.
  virtual void drain() = 0;
  /// Everything was said: close after the last byte is out.
  virtual bool finished() const = 0;
  /// The peer closed its sending side, and receive() has taken all that came before. What is open may still
  /// be answered (HTTP/1), or is broken.
  virtual void end_of_input() = 0;
  /// Ends with an error that the connection saw (a timer): the farewell, if one is still possible, is then
  /// written by produce(); open exchanges end with x.failure = why.kind().id.
  virtual void fail_with(const Error& why) = 0;
};

}  // namespace sally
