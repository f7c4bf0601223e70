#include "check/csp.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace sally::check {
namespace {

constexpr std::size_t kMostPolicies = 32, kMostDirectives = 100, kMostSources = 1000;
constexpr std::string_view kSpace = " \t\n\r\f";

constexpr std::array<std::string_view, 32> kKnown = {"default-src",
                                                     "script-src",
                                                     "script-src-elem",
                                                     "script-src-attr",
                                                     "style-src",
                                                     "style-src-elem",
                                                     "style-src-attr",
                                                     "img-src",
                                                     "font-src",
                                                     "connect-src",
                                                     "media-src",
                                                     "object-src",
                                                     "frame-src",
                                                     "child-src",
                                                     "worker-src",
                                                     "manifest-src",
                                                     "prefetch-src",
                                                     "base-uri",
                                                     "form-action",
                                                     "frame-ancestors",
                                                     "navigate-to",
                                                     "report-uri",
                                                     "report-to",
                                                     "sandbox",
                                                     "upgrade-insecure-requests",
                                                     "block-all-mixed-content",
                                                     "require-trusted-types-for",
                                                     "trusted-types",
                                                     "plugin-types",
                                                     "require-sri-for",
                                                     "fenced-frame-src",
                                                     "webrtc"};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (out.size() < kMostSources) {
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpace), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

bool holds(const Csp::Sources* sources, std::string_view wanted) {
  return sources &&
         std::ranges::any_of(*sources, [&](const std::string& s) { return ascii_iequals(s, wanted); });
}

bool has_nonce_or_hash(const Csp::Sources& sources) {
  return std::ranges::any_of(sources, [](const std::string& s) {
    const std::string lower = ascii_lower(s);
    return lower.starts_with("'nonce-") || lower.starts_with("'sha256-") || lower.starts_with("'sha384-") ||
           lower.starts_with("'sha512-");
  });
}

/// Any host will do, or text that stands in the address itself.
bool is_anywhere(const Csp::Sources& sources) {
  constexpr std::array<std::string_view, 6> kAnywhere = {
      "*", "http:", "https:", "data:", "http://*", "https://*"};
  return std::ranges::any_of(kAnywhere, [&](std::string_view s) { return holds(&sources, s); });
}

bool inline_allowed(const Csp::Sources* sources) {
  if (!sources) return true;
  return holds(sources, "'unsafe-inline'") && !has_nonce_or_hash(*sources) &&
         !holds(sources, "'strict-dynamic'");
}

bool is_insecure(const Csp::Sources* sources) {
  return sources && std::ranges::any_of(*sources, [](const std::string& s) {
           const std::string lower = ascii_lower(s);
           return lower.starts_with("http:") || lower.starts_with("ftp:") || lower.starts_with("ws:");
         });
}

/// Whatever can run: scripts and plug-ins.
bool code_from_anywhere(const Csp& p) {
  const Csp::Sources* const script = p.fetch_sources("script-src");
  const Csp::Sources* const object = p.fetch_sources("object-src");
  if (!script || inline_allowed(script)) return true;
  if (!holds(script, "'strict-dynamic'") && is_anywhere(*script)) return true;
  return !object || is_anywhere(*object);
}

CspStrength strength_of_one(const Csp& p) {
  CspStrength out;
  out.unsafe_inline = code_from_anywhere(p);
  const Csp::Sources* const style = p.fetch_sources("style-src");
  out.unsafe_inline_style = inline_allowed(style) || is_anywhere(*style);
  const Csp::Sources* const script = p.fetch_sources("script-src");
  out.unsafe_eval = !script || holds(script, "'unsafe-eval'");
  for (const char* const name :
       {"script-src", "object-src", "style-src", "connect-src", "frame-src", "worker-src"})
    out.insecure_scheme |= is_insecure(p.fetch_sources(name));
  for (const char* const name : {"img-src", "media-src"})
    out.insecure_passive_scheme |= is_insecure(p.fetch_sources(name));
  const Csp::Sources* const otherwise = p.sources("default-src");
  out.deny_by_default =
      otherwise && (otherwise->empty() || (otherwise->size() == 1 && holds(otherwise, "'none'")));
  out.frames_named = p.has("frame-ancestors");
  return out;
}

}  // namespace

const Csp::Sources* Csp::sources(std::string_view name) const {
  const auto found =
      std::ranges::find(directives, name, [](const auto& d) -> std::string_view { return d.first; });
  return found == directives.end() ? nullptr : &found->second;
}

const Csp::Sources* Csp::fetch_sources(std::string_view name) const {
  const Sources* const own = sources(name);
  return own ? own : sources("default-src");
}

Csp parse_csp(std::string_view text) {
  Csp out;
  for (std::size_t at = 0; at <= text.size() && out.directives.size() < kMostDirectives;) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    std::vector<std::string> words = words_of(text.substr(at, end - at));
    at = end + 1;
    if (words.empty()) continue;
    std::string name = ascii_lower(words.front());
    words.erase(words.begin());
    if (out.has(name)) {
      if (out.twice.size() < kMostDirectives) out.twice.push_back(std::move(name));
      continue;
    }
    if (std::ranges::find(kKnown, name) == kKnown.end()) out.unknown.push_back(name);
    out.directives.emplace_back(std::move(name), std::move(words));
  }
  return out;
}

std::vector<Csp> parse_policies(std::span<const std::string> fields) {
  std::vector<Csp> out;
  for (std::string_view field : fields) {
    for (std::size_t at = 0; at <= field.size() && out.size() < kMostPolicies;) {
      const std::size_t end = std::min(field.find(',', at), field.size());
      Csp one = parse_csp(field.substr(at, end - at));
      if (!one.directives.empty()) out.push_back(std::move(one));
      at = end + 1;
    }
  }
  return out;
}

CspStrength strength_of(std::span<const Csp> policies) {
  CspStrength out{true, true, true, true, true, false, false};
  for (const Csp& policy : policies) {
    const CspStrength one = strength_of_one(policy);
    out.unsafe_inline &= one.unsafe_inline;
    out.unsafe_inline_style &= one.unsafe_inline_style;
    out.unsafe_eval &= one.unsafe_eval;
    out.insecure_scheme &= one.insecure_scheme;
    out.insecure_passive_scheme &= one.insecure_passive_scheme;
    out.deny_by_default |= one.deny_by_default;
    out.frames_named |= one.frames_named;
  }
  return out;
}

}  // namespace sally::check
