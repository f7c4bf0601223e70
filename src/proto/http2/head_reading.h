// proto/http2/head_reading.h - a request's head while its fields come, one after the other. HTTP/3 reads them
// by the same rules.
#pragma once
#include <cstddef>
#include <cstdint>

#include "http/exchange.h"

namespace sally::http2 {

struct HeadReading {
  HeadReading(http::Exchange& exchange, std::int64_t number) : x(exchange), id(number) {}

  http::Exchange& x;
  std::int64_t id;
  std::size_t head_bytes = 0;  ///< of the fields of a head, then of trailers
  std::uint32_t field_count = 0, cookie_count = 0, host_count = 0;
  const ErrorKind* head_fault = nullptr;  ///< why the head cannot be taken, known before it was whole
};

}  // namespace sally::http2
