#include "gateway/handler_config.h"

#include <algorithm>
#include <string_view>

#include "config/block.h"

namespace sally::gateway {

using config::Block;
using config::Count;
using config::Switch;
using config::Text;
using config::Words;

namespace {

std::string check_target(std::string_view to) {
  if (!std::ranges::all_of(to, [](char c) { return c > 0x20 && c < 0x7f; }))
    return "has spaces or characters beyond ASCII; write them with %";
  for (const std::string_view scheme : {"https://", "http://"})
    if (to.starts_with(scheme) && to.size() > scheme.size() && to[scheme.size()] != '/') return "";
  return "must begin with \"https://name\"";
}

std::string check_type(std::string_view type) {
  const bool good = std::ranges::all_of(type, [](char c) { return c >= 0x20 && c < 0x7f; });
  return good && type.contains('/') ? "" : "is no media type such as \"text/plain\" (RFC 9110 8.3.1)";
}

}  // namespace

const Block<RedirectConfig>& RedirectConfig::block() {
  using C = RedirectConfig;
  static const Words<std::uint16_t> kStatuses{
      {{"301", 301}, {"302", 302}, {"303", 303}, {"307", 307}, {"308", 308}}};
  static const Block<C> kBlock =
      Block<C>("Sends every request elsewhere. `redirect = \"https://www.example.com\"` is short for `to`.")
          .key("to", &C::to, Text{check_target, "\"https://name...\""}, "Where to.", "RFC 9110 10.2.2")
          .key("status", &C::status, kStatuses, "308 and 301 are for good, 307 and 302 for now.",
               "RFC 9110 15.4")
          .key("keep_path", &C::keep_path, Switch{}, "The path and query of the request are appended.")
          .shorthand("to");
  return kBlock;
}

const Block<RespondConfig>& RespondConfig::block() {
  using C = RespondConfig;
  static const Block<C> kBlock =
      Block<C>("Answers every request with one text. `respond = \"ok\"` is short for `body`.")
          .key("body", &C::body, Text{}, "The text.")
          .key("status", &C::status, Count{200, 599}, "Its status.", "RFC 9110 15")
          .key("type", &C::type, Text{check_type, ""}, "Its media type.", "RFC 9110 8.3")
          .shorthand("body");
  return kBlock;
}

}  // namespace sally::gateway
