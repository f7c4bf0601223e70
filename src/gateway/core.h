// gateway/core.h - what the connections of one core share: its loop, its scratch buffers, its spare
// exchanges.
#pragma once
#include <array>
#include <cstddef>
#include <memory>

#include "base/out_buffer.h"
#include "gateway/request_id.h"
#include "http/date.h"
#include "http/exchange_pool.h"
#include "http/http_limits.h"
#include "http/stamp.h"
#include "loop/loop.h"
#include "tls/server_session.h"

namespace sally::gateway {

/// One for each worker thread. The buffers are filled and emptied within one call: a connection that waits
/// owns none.
struct Core {
  static constexpr std::size_t kInBytes = 64 * 1024;      ///< one read of a socket
  static constexpr std::size_t kRecordBytes = 16 * 1024;  ///< plaintext of the largest record (RFC 8446 5.1)
  static constexpr std::size_t kOutSlack = 64 * 1024;     ///< a handshake flight, the overhead of records
  static constexpr std::size_t kSpareExchanges = 256;

  /// body_bytes  that a body on its way to a handler holds: no client may send more ahead
  Core(Loop& on, const http::HttpLimits& limits, std::size_t body_bytes)
      : loop(on), out(limits.output_buffer_bytes, kOutSlack), exchanges(body_bytes, kSpareExchanges) {
    tls.out = &out;
    tick();
  }
  /// Before anything is done in a turn of the loop.
  void tick() {
    stamp.unix_now = loop.unix_now();
    stamp.now = loop.now();
  }

  Loop& loop;
  std::array<std::byte, kInBytes> in;
  std::array<std::byte, kRecordBytes> plain;
  std::array<std::byte, kRecordBytes> gathered;
  OutBuffer out;
  tls::CoreIo tls;
  http::ExchangePool exchanges;
  http::DateCache date;
  RequestIds request_ids;
  http::Stamp stamp{date, 0, "sallyport", {}};
};

}  // namespace sally::gateway
