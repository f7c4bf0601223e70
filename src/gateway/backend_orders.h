// gateway/backend_orders.h - `sallyport backend list|drain|enable`: what a running gateway does about its
// backends.
#pragma once
#include <string_view>

#include "gateway/verdict.h"
#include "upstream/board.h"

namespace sally::gateway {

/// words  "list", "drain ADDRESS" or "enable ADDRESS"
Verdict obey_backend_order(upstream::Board& board, std::string_view words);

}  // namespace sally::gateway
