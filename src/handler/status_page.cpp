#include "handler/status_page.h"

#include "handler/error_page.h"

namespace sally::handler {

bool StatusPage::answer_now(http::Exchange& x) {
  if (!failure_.empty()) x.failure = failure_;
  respond_with_error(x, status_);
  return true;
}

Task<Result<Unit>> StatusPage::handle(http::Exchange& x) {
  answer_now(x);
  co_return Unit{};
}

}  // namespace sally::handler
