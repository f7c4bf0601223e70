// gateway/access_log.h - one line for each exchange: JSON, or the common log format.
#pragma once
#include <string>

#include "gateway/settings.h"
#include "http/exchange.h"

namespace sally::gateway {

/// Appends the line of an exchange that has ended. Everything a client wrote is escaped; credentials and
/// bodies never enter a log. Times are in seconds, sizes in bytes of content.
///
/// The common format has the request's id where the name of RFC 1413 once stood.
/// JSON keys: time, client, site, method, host, path (with query), version, status, bytes, request_bytes,
/// seconds, tls, suite, group, sni, resumed, alpn, referer, user_agent, connection, request, failure.
void append_access_line(std::string& out, LogFormat format, const http::Exchange& x, std::int64_t unix_now,
                        TimePoint now);

}  // namespace sally::gateway
