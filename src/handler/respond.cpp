#include "handler/respond.h"

#include "http/status.h"

namespace sally::handler {

Respond::Respond(std::string body, int status, std::string type)
    : body_(std::make_shared<const std::string>(std::move(body))), status_(status), type_(std::move(type)) {}

bool Respond::answer_now(http::Exchange& x) {
  x.response.status = status_;
  if (!http::forbids_content(status_)) {
    if (!type_.empty()) x.response.fields.add("content-type", type_);
    x.response.body = http::Body::memory(as_bytes(std::string_view(*body_)), body_);
  }
  x.respond();
  return true;
}

Task<Result<Unit>> Respond::handle(http::Exchange& x) {
  answer_now(x);
  co_return Unit{};
}

}  // namespace sally::handler
