// gateway/handler_keys.h - the rows of a HandlerConfig, for the block of each struct that is one.
#pragma once
#include <concepts>

#include "config/block.h"
#include "gateway/handler_config.h"

namespace sally::gateway {

/// Adds the keys of a HandlerConfig to the block of a struct that is one.
template <std::derived_from<HandlerConfig> T>
void add_handler_keys(config::Block<T>& block) {
  block.block("files", &T::files, handler::FilesConfig::block())
      .block("proxy", &T::proxy, handler::ProxyConfig::block())
      .block("redirect", &T::redirect, RedirectConfig::block())
      .block("respond", &T::respond, RespondConfig::block());
}

}  // namespace sally::gateway
