// handler/status_page.h - answers every request with the error page of one status: where no route leads.
#pragma once
#include "http/handler.h"

namespace sally::handler {

class StatusPage final : public http::Handler {
 public:
  /// status  400..599
  /// failure  id of an error for the log, a literal; empty: none
  explicit StatusPage(int status, std::string_view failure = {}) : status_(status), failure_(failure) {}

  bool answer_now(http::Exchange& x) override;
  Task<Result<Unit>> handle(http::Exchange& x) override;

 private:
  int status_;
  std::string_view failure_;
};

}  // namespace sally::handler
