#include "gateway/site_config.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/ascii.h"
#include "config/block.h"

namespace sally::gateway {

using config::Block;
using config::Count;
using config::Node;
using config::Spot;
using config::Switch;
using config::Text;
using config::Time;
using config::Words;
using namespace std::chrono_literals;

namespace {

/// "auto", "off", or for how long.
struct HstsAge {
  static constexpr std::chrono::seconds kMost = std::chrono::days(3650);

  bool read(const Node& node, HstsConfig& out, const Spot& at) const {
    const std::string_view word = node.kind == Node::Kind::text ? std::string_view(node.text) : "";
    if (word == "auto" || word == "off") {
      out.mode = word == "auto" ? HstsConfig::Mode::automatic : HstsConfig::Mode::off;
      return true;
    }
    if (!word.empty() && !is_digit(word.front()))
      return at.bad(node, node.shown() + " is none of \"auto\", \"off\", or a duration such as \"365d\"");
    if (!Time{1s, kMost}.read(node, out.max_age, at)) return false;
    out.mode = HstsConfig::Mode::fixed;
    return true;
  }
  std::string type() const { return "auto|off|duration"; }
  std::string range() const { return Time{1s, kMost}.range(); }
  std::string show(const HstsConfig& value) const {
    if (value.mode == HstsConfig::Mode::fixed) return '"' + config::show_duration(value.max_age) + '"';
    return value.mode == HstsConfig::Mode::off ? "\"off\"" : "\"auto\"";
  }
};

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

const Block<HstsConfig>& HstsConfig::block() {
  using C = HstsConfig;
  static const Block<C> kBlock =
      Block<C>(
          "Strict-Transport-Security: browsers speak nothing but https with the site. `hsts = \"off\"` is "
          "short.")
          .whole("max_age", HstsAge{},
                 "For how long. auto: 730d on public names, never on local ones; off: tells browsers to "
                 "forget it.",
                 "RFC 6797 6.1.1")
          .key("include_subdomains", &C::include_subdomains, Switch{},
               "It holds for all names below as well.", "RFC 6797 6.1.2")
          .key("preload", &C::preload, Switch{},
               "Browsers may build the name in; needs include_subdomains and max_age of a year or more.",
               "hstspreload.org")
          .shorthand("max_age");
  return kBlock;
}

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

bool SiteConfig::local() const { return std::ranges::all_of(names, is_local_name); }

bool is_local_name(std::string_view name) {
  constexpr std::string_view kEndings[] = {".localhost", ".test", ".local", ".internal", ".home.arpa"};
  in6_addr ignored{};
  const std::string text = ascii_lower(name);
  if (::inet_pton(AF_INET, text.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1)
    return true;
  return !text.contains('.') ||
         std::ranges::any_of(kEndings, [&](std::string_view e) { return text.ends_with(e); });
}

}  // namespace sally::gateway
