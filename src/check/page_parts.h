// check/page_parts.h - what an HTML page loads, where its forms go, and what it keeps secret: read as a
// browser reads it.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "check/url.h"

namespace sally::check {

inline constexpr ErrorKind kPageTooHard{"check.page_too_hard",
                                        Blame::upstream,
                                        Retry::never,
                                        "the page takes more memory or time to read than any real one",
                                        "look for elements that are nested without end",
                                        "HTML 13.2",
                                        -1,
                                        0};

/// One address that the page loads or sends to.
struct PagePart {
  enum class Use : std::uint8_t {
    image,    ///< image, video or audio that browsers ask for by https instead (Mixed Content 5.1)
    code,     ///< script, style sheet, frame, font, image set and all else: blocked when insecure
    form,     ///< where what was typed is sent
    refresh,  ///< where the page sends its visitor
  };
  Use use;
  std::string element;  ///< "script", "img srcset"
  std::string url;      ///< absolute
  bool secure = false;  ///< https, or this machine, or nothing that travels (data:)
};

struct ScriptSeen {
  std::string url;  ///< absolute
  bool has_integrity = false;
  bool same_host = false;
};

struct PageParts {
  std::vector<PagePart> parts;
  std::vector<ScriptSeen> scripts;    ///< those with an address
  std::vector<std::string> policies;  ///< of meta elements: Content-Security-Policy
  std::vector<std::string> secrets;   ///< names of hidden fields and meta elements with a token
  bool cut = false;                   ///< there were more parts than the limit
};

struct PageLimits {
  std::size_t memory = std::size_t{96} << 20;  ///< bytes for the parsed page
  std::chrono::milliseconds time{2000};
  std::size_t parts = 5000;
};

/// `at`: where the page came from. Templates and noscript are not looked into. Errors: check.page_too_hard.
/// source  HTML 13.2 (parsing), 4.8.4 (srcset), 2.4 (base), Mixed Content 4 and 5
Result<PageParts> read_page(std::string_view html, const Url& at, const PageLimits& limits = {});

}  // namespace sally::check
