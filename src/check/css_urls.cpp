#include "check/css_urls.h"

#include "base/ascii.h"
#include "base/number.h"

namespace sally::check {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_name_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
 public:
  explicit Scanner(std::string_view css) : css_(css) {}

  std::vector<CssUrl> run() {
    while (at_ < css_.size() && out_.size() < kMostCssUrls) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = css_[at_];
    if (css_.substr(at_).starts_with("/*")) return skip_comment();
    if (c == '"' || c == '\'') {
      std::string text = take_string();
      if (import_) add(std::move(text), CssUrl::Use::import_rule);
      return;
    }
    if (c == '@' || is_name_char(c) || c == '\\') return word();
    if (c == ';') import_ = false;
    if (c == '{') in_font_ = next_is_font_;
    if (c == '{' || c == ';') next_is_font_ = false;
    if (c == '}') in_font_ = false;
    ++at_;
  }

  void word() {
    const bool at_rule = css_[at_] == '@';
    if (at_rule) ++at_;
    const std::string name = ascii_lower(take_name());
    if (at_rule) {
      import_ = name == "import";
      next_is_font_ = name == "font-face";
      return;
    }
    if (name != "url" || at_ >= css_.size() || css_[at_] != '(') return;
    ++at_;
    skip_space();
    const bool quoted = at_ < css_.size() && (css_[at_] == '"' || css_[at_] == '\'');
    add(quoted ? take_string() : take_bare_url(), import_    ? CssUrl::Use::import_rule
                                                  : in_font_ ? CssUrl::Use::font
                                                             : CssUrl::Use::image);
  }

  void add(std::string url, CssUrl::Use use) {
    import_ = false;
    if (!url.empty()) out_.push_back({std::move(url), use});
  }

  void skip_comment() {
    const std::size_t end = css_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? css_.size() : end + 2;
  }
  void skip_space() {
    while (at_ < css_.size() && is_space(css_[at_])) ++at_;
  }

  /// Behind a backslash.
  void take_escape(std::string& out) {
    if (at_ >= css_.size()) return;
    std::size_t digits = 0;
    while (digits < 6 && at_ + digits < css_.size() && is_hex(css_[at_ + digits])) ++digits;
    if (digits == 0) {
      if (css_[at_] != '\n') out += css_[at_];
      ++at_;
      return;
    }
    const auto code = parse_number<std::uint32_t>(css_.substr(at_, digits), 16).value_or(0);
    out += code > ' ' && code < 0x7f ? static_cast<char>(code) : '?';
    at_ += digits;
    if (at_ < css_.size() && is_space(css_[at_])) ++at_;
  }

  std::string take_name() {
    std::string out;
    while (at_ < css_.size() && (is_name_char(css_[at_]) || css_[at_] == '\\')) {
      if (css_[at_++] == '\\')
        take_escape(out);
      else
        out += css_[at_ - 1];
    }
    return out;
  }

  std::string take_string() {
    const char quote = css_[at_++];
    std::string out;
    while (at_ < css_.size()) {
      const char c = css_[at_++];
      if (c == quote || c == '\n') break;
      if (c == '\\')
        take_escape(out);
      else
        out += c;
    }
    return out;
  }

  std::string take_bare_url() {
    std::string out;
    while (at_ < css_.size() && css_[at_] != ')' && !is_space(css_[at_])) {
      const char c = css_[at_++];
      if (c == '\\')
        take_escape(out);
      else
        out += c;
    }
    return out;
  }

  std::string_view css_;
  std::size_t at_ = 0;
  bool import_ = false, next_is_font_ = false, in_font_ = false;
  std::vector<CssUrl> out_;
};

}  // namespace

std::vector<CssUrl> css_urls(std::string_view css) { return Scanner(css).run(); }

}  // namespace sally::check
