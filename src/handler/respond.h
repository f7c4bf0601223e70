// handler/respond.h - gives every request the same configured answer.
#pragma once
#include <memory>
#include <string>

#include "http/handler.h"

namespace sally::handler {

class Respond final : public http::Handler {
 public:
  /// status  200..599; content is left out where the status forbids it (RFC 9110 6.4.1)
  /// type    a media type, empty: not sent
  Respond(std::string body, int status, std::string type);

  bool answer_now(http::Exchange& x) override;
  Task<Result<Unit>> handle(http::Exchange& x) override;

 private:
  std::shared_ptr<const std::string> body_;
  int status_;
  std::string type_;
};

}  // namespace sally::handler
