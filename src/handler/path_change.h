// handler/path_change.h - what a route makes of a request's path before its handler sees it.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace sally::handler {

/// What is wrong with a path that requests are rewritten to, or "". "{path}" stands for the request's path,
/// which begins with a slash: "/v2{path}", "/index.php".
std::string check_rewrite(std::string_view text);

/// First the prefix is taken off, then the rest is put into the new path. The query stays as it is.
class PathChange {
 public:
  PathChange() = default;
  /// rewrite  one that check_rewrite() likes; "": none
  PathChange(bool strip_prefix, std::string_view rewrite);

  /// Changes request.path of `x` and remembers the old one in request.asked_path.
  /// segments  how many of them are the prefix
  void apply(http::Exchange& x, std::size_t segments) const;

 private:
  bool strip_ = false;
  bool rewrites_ = false, keeps_path_ = false;
  std::string before_, after_;
};

}  // namespace sally::handler
