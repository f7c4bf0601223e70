#include "gateway/site_config.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/ascii.h"
#include "config/block.h"

namespace sally::gateway {

using config::Block;
using config::Node;
using config::Spot;
using config::Switch;
using config::Time;
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
