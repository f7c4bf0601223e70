#include "check/page_parts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/ascii.h"
#include "check/css_urls.h"
#include "check/html_tree.h"

namespace sally::check {
namespace {

using Use = PagePart::Use;

struct UrlRow {
  std::string_view element, attribute;
  Use use;
};
/// Attributes with one address. Those of link, meta, base and script need more than a row.
constexpr UrlRow kUrlRows[] = {
    {"img", "src", Use::image},          {"video", "src", Use::image},
    {"video", "poster", Use::image},     {"audio", "src", Use::image},
    {"input", "src", Use::image},        {"body", "background", Use::image},
    {"table", "background", Use::image}, {"td", "background", Use::image},
    {"th", "background", Use::image},    {"image", "href", Use::image},
    {"image", "xlink:href", Use::image}, {"use", "href", Use::code},
    {"use", "xlink:href", Use::code},    {"script", "href", Use::code},
    {"script", "xlink:href", Use::code}, {"track", "src", Use::code},
    {"iframe", "src", Use::code},        {"frame", "src", Use::code},
    {"embed", "src", Use::code},         {"object", "data", Use::code},
    {"form", "action", Use::form},       {"button", "formaction", Use::form},
    {"input", "formaction", Use::form},
};

std::string_view attribute(const GumboElement& e, const char* name) {
  const GumboAttribute* const found = gumbo_get_attribute(&e.attributes, name);
  return found ? std::string_view(found->value) : std::string_view();
}
bool has_attribute(const GumboElement& e, const char* name) {
  return gumbo_get_attribute(&e.attributes, name) != nullptr;
}

/// Of elements that the parser does not know by a number too, such as those of SVG.
std::string name_of(const GumboElement& e) {
  if (e.tag != GUMBO_TAG_UNKNOWN) return gumbo_normalized_tagname(e.tag);
  GumboStringPiece piece = e.original_tag;
  gumbo_tag_from_original_text(&piece);
  return ascii_lower(std::string_view(piece.data, piece.length));
}

bool has_word(std::string_view list, std::string_view wanted) {
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find_first_of(" \t\n\r\f", at), list.size());
    if (ascii_iequals(list.substr(at, end - at), wanted)) return true;
    at = end + 1;
  }
  return false;
}

bool is_secure(const Url& url) {
  if (url.scheme == "http" || url.scheme == "ws" || url.scheme == "ftp") return is_loopback_host(url.host);
  return true;
}

bool is_address(std::string_view host) {
  return host.contains(':') || std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; });
}

bool looks_secret(std::string_view name) {
  const std::string lower = ascii_lower(name);
  constexpr std::array<std::string_view, 5> kWords = {"csrf", "xsrf", "token", "nonce", "__viewstate"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return lower.contains(word); });
}

class PageReader {
 public:
  PageReader(const Url& at, const PageLimits& limits) : at_(at), base_(at), limits_(limits) {}

  PageParts read(const GumboNode* root) {
    std::vector<const GumboNode*> open{root};
    while (!open.empty()) {
      const GumboNode* const node = open.back();
      open.pop_back();
      if (node->type != GUMBO_NODE_ELEMENT) continue;
      const GumboElement& e = node->v.element;
      if (e.tag == GUMBO_TAG_NOSCRIPT) continue;
      element(e);
      const std::span children(reinterpret_cast<GumboNode* const*>(e.children.data), e.children.length);
      open.insert(open.end(), children.rbegin(), children.rend());
    }
    return std::move(out_);
  }

 private:
  void element(const GumboElement& e) {
    const std::string name = name_of(e);
    for (const UrlRow& row : kUrlRows)
      if (row.element == name) single(e, row);
    if (name == "base") base(e);
    if (name == "script") script(e);
    if (name == "link") link(e);
    if (name == "meta") meta(e);
    if (name == "source") source(e);
    if (name == "style") style_sheet(e);
    if (name == "img" || name == "source") image_set(attribute(e, "srcset"), name + " srcset");
    if (name == "input" && ascii_iequals(attribute(e, "type"), "hidden"))
      secret(attribute(e, "name"), attribute(e, "value"));
    css(attribute(e, "style"), name + " style");
  }

  void single(const GumboElement& e, const UrlRow& row) {
    const std::string attribute_name(row.attribute);
    const std::string_view value = attribute(e, attribute_name.c_str());
    if (value.empty()) return;
    if (row.element == "input" && row.attribute == "src" && !ascii_iequals(attribute(e, "type"), "image"))
      return;
    // An image that is asked for with CORS cannot be upgraded (Mixed Content 5.1).
    const bool cors = row.use == Use::image && has_attribute(e, "crossorigin");
    add(cors ? Use::code : row.use, std::string(row.element), value);
  }

  void add(Use use, std::string element, std::string_view value) {
    auto url = read_url(value, &base_);
    if (!url) return;
    if (use == Use::image && is_address(url->host)) use = Use::code;
    if (out_.parts.size() >= limits_.parts) {
      out_.cut = true;
      return;
    }
    out_.parts.push_back({use, std::move(element), url->text().substr(0, 300), is_secure(*url)});
  }

  void base(const GumboElement& e) {
    // Only the first one counts (HTML 4.2.3).
    if (base_seen_ || !has_attribute(e, "href")) return;
    base_seen_ = true;
    if (auto url = read_url(attribute(e, "href"), &at_); url && !url->host.empty()) base_ = *std::move(url);
  }

  void script(const GumboElement& e) {
    const std::string_view src = attribute(e, "src");
    if (src.empty()) return;
    add(Use::code, "script", src);
    const auto url = read_url(src, &base_);
    if (!url || out_.scripts.size() >= limits_.parts) return;
    out_.scripts.push_back(
        {url->text().substr(0, 300), has_attribute(e, "integrity"), url->host == at_.host});
  }

  void link(const GumboElement& e) {
    const std::string_view rel = attribute(e, "rel"), href = attribute(e, "href");
    if (href.empty()) return;
    const bool is_image = has_word(rel, "icon") || has_word(rel, "apple-touch-icon") ||
                          (has_word(rel, "preload") && ascii_iequals(attribute(e, "as"), "image"));
    if (is_image) return add(Use::image, "link icon", href);
    constexpr std::array<std::string_view, 5> kLoading = {"stylesheet", "preload", "modulepreload",
                                                          "manifest", "prefetch"};
    if (std::ranges::any_of(kLoading, [&](std::string_view word) { return has_word(rel, word); }))
      add(Use::code, "link", href);
    image_set(attribute(e, "imagesrcset"), "link imagesrcset");
  }

  void meta(const GumboElement& e) {
    const std::string_view kind = attribute(e, "http-equiv"), content = attribute(e, "content");
    if (ascii_iequals(kind, "content-security-policy") && out_.policies.size() < 16)
      out_.policies.emplace_back(content);
    if (ascii_iequals(kind, "refresh")) refresh(content);
    secret(attribute(e, "name"), content);
  }

  /// "5; url=https://example.com/"
  void refresh(std::string_view content) {
    const std::size_t mark = content.find_first_of(";,");
    if (mark == std::string_view::npos) return;
    std::string_view target = trim(content.substr(mark + 1));
    if (target.size() > 3 && ascii_iequals(target.substr(0, 3), "url")) {
      const std::size_t equals = target.find('=');
      if (equals != std::string_view::npos) target = trim(target.substr(equals + 1));
    }
    if (!target.empty() && (target.front() == '"' || target.front() == '\'')) {
      const char quote = target.front();
      target = target.substr(1);
      target = target.substr(0, target.find(quote));
    }
    if (!target.empty()) add(Use::refresh, "meta refresh", target);
  }

  void source(const GumboElement& e) {
    if (const std::string_view src = attribute(e, "src"); !src.empty()) add(Use::image, "source", src);
  }

  /// "a.png 1x, b.png 2x": requests of an image set are never upgraded (Mixed Content 5.1).
  void image_set(std::string_view list, const std::string& element) {
    constexpr std::string_view kSpace = " \t\n\r\f";
    for (std::size_t at = 0; at < list.size();) {
      at = std::min(list.find_first_not_of(" \t\n\r\f,", at), list.size());
      const std::size_t end = std::min(list.find_first_of(kSpace, at), list.size());
      std::string_view url = list.substr(at, end - at);
      const bool alone = url.ends_with(',');
      while (url.ends_with(',')) url.remove_suffix(1);
      if (!url.empty()) add(Use::code, element, url);
      at = alone ? end : std::min(list.find(',', end), list.size());
    }
  }

  void css(std::string_view text, const std::string& element) {
    if (text.empty()) return;
    for (const CssUrl& one : css_urls(text))
      add(one.use == CssUrl::Use::image ? Use::image : Use::code, element, one.url);
  }

  void style_sheet(const GumboElement& e) {
    for (unsigned i = 0; i < e.children.length; ++i) {
      const auto* const child = static_cast<const GumboNode*>(e.children.data[i]);
      if (child->type == GUMBO_NODE_TEXT) css(child->v.text.text, "style");
    }
  }

  void secret(std::string_view name, std::string_view value) {
    constexpr std::size_t kShortestSecret = 8;
    if (value.size() >= kShortestSecret && looks_secret(name) && out_.secrets.size() < 16)
      out_.secrets.emplace_back(name.substr(0, 60));
  }

  const Url& at_;
  Url base_;
  bool base_seen_ = false;
  const PageLimits& limits_;
  PageParts out_;
};

}  // namespace

Result<PageParts> read_page(std::string_view html, const Url& at, const PageLimits& limits) {
  const HtmlTree tree(html, limits.memory, limits.time);
  if (!tree.root()) return fail(kPageTooHard);
  return PageReader(at, limits).read(tree.root());
}

}  // namespace sally::check
