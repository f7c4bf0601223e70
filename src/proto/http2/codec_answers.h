// proto/http2/codec_answers.h - what a codec answers itself, over HTTP/2 and HTTP/3 alike.
#pragma once
#include "base/error.h"
#include "http/exchange.h"

namespace sally::http2 {

/// Answers a request whose head is not acceptable with the kind's http_status and what it says in a line.
void refuse_request(http::Exchange& x, const Error& why);
/// Leaves of an answer that cannot be sent nothing but its status: 500.
void make_bare_500(http::Response& answer);
/// A request whose content-length is more than its body may have fails before it is read.
void fail_if_promised_too_much(http::Exchange& x, std::int64_t stream);

}  // namespace sally::http2
