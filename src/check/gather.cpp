#include "check/gather.h"

namespace sally::check {

Task<Unit> Gather::counted(Task<Unit> task) {
  const Leave leave{*this};
  co_return co_await std::move(task);
}

}  // namespace sally::check
