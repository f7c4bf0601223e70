// check/h2_ask.h - asks for one page over HTTP/2, inside a session that picked h2.
#pragma once
#include <string>

#include "check/talk.h"

namespace sally::check {

/// Sends a GET for `path` (with its query) and reads until the final head is there. Returns its status.
/// Errors: check.out_of_time, check.not_http (the server refuses the request), http2.server_protocol_error,
/// tls.client_read_failed, net.*.
Task<Result<unsigned>> ask_over_http2(Talk& talk, std::string authority, std::string path,
                                      std::chrono::milliseconds patience);

}  // namespace sally::check
