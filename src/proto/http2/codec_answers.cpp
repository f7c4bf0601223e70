#include "proto/http2/codec_answers.h"

#include <string>
#include <utility>

#include "http/status.h"

namespace sally::http2 {

void refuse_request(http::Exchange& x, const Error& why) {
  x.failure = why.kind().id;
  x.request_body.discard();
  const int status = why.kind().http_status;
  std::string text = std::to_string(status);
  text.append(" ").append(http::reason_phrase(status)).append(": ").append(why.kind().what).append("\n");
  x.respond_text(status, "text/plain; charset=utf-8", std::move(text));
}

void make_bare_500(http::Response& answer) {
  answer.fields.clear();
  answer.trailers.clear();
  answer.prepared = nullptr;
  answer.body = {};
  answer.status = 500;
}

void fail_if_promised_too_much(http::Exchange& x, std::int64_t stream) {
  const std::uint64_t most = x.request_body.total_limit();
  if (most == 0 || x.request.content_length.value_or(0) <= most) return;
  x.request_body.break_with(Error(http::kBodyTooLarge, WirePos{UINT64_MAX, stream},
                                  "limit is " + std::to_string(most) + " bytes",
                                  std::source_location::current()));
}

}  // namespace sally::http2
