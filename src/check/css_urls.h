// check/css_urls.h - the addresses that a style sheet or a style attribute loads.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sally::check {

struct CssUrl {
  enum class Use : std::uint8_t { image, import_rule, font };
  std::string url;  ///< as written, escapes resolved
  Use use = Use::image;
};

inline constexpr std::size_t kMostCssUrls = 1000;

/// In their order, at most kMostCssUrls. url() inside @font-face is a font, behind @import a style sheet,
/// elsewhere an image. source  CSS Syntax 3, 4.3: comments and strings are told apart, escapes are resolved
std::vector<CssUrl> css_urls(std::string_view css);

}  // namespace sally::check
