// config/toml_scalar.h - TOML's texts, numbers and dates, read one at a time from a cursor that knows its
// line.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/node.h"

namespace sally::config {

/// A place in a document, and what is wrong there. Reading past the end gives '\0', which no document holds.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  bool looking_at(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  /// A line's end: "\n" or "\r\n".
  bool at_newline() const { return peek() == '\n' || (peek() == '\r' && peek(1) == '\n'); }
  void skip(std::size_t n = 1) {
    for (; n > 0 && !at_end(); --n, ++at_)
      if (text_[at_] == '\n') ++line_;
  }
  /// Skips `c` if it is next.
  bool take(char c) {
    if (peek() != c || at_end()) return false;
    skip();
    return true;
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') skip();
  }
  std::string_view rest() const { return text_.substr(at_); }
  std::uint32_t line() const { return line_; }

  /// Records the first fault, here or at another line. Returns false, for the caller to return.
  bool fail(std::string why) { return fail_at(line_, std::move(why)); }
  bool fail_at(std::uint32_t line, std::string why) {
    if (fault_.empty()) {
      fault_ = std::move(why);
      fault_line_ = line;
    }
    return false;
  }
  const std::string& fault() const { return fault_; }
  std::uint32_t fault_line() const { return fault_line_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1, fault_line_ = 0;
  std::string fault_;
};

/// Reads a text that begins with " or '. Texts of several lines only where `several_lines` says so: not in
/// keys. source  TOML 1.0, "String"
bool read_toml_text(Cursor& in, std::string& out, bool several_lines);

/// Reads a value that is neither text, list nor table: a switch, a number, a date or a time. The kind, and
/// the value or for dates the written form, go to `out`. source  TOML 1.0, "Integer" to "Local Time"
bool read_toml_scalar(Cursor& in, Node& out);

}  // namespace sally::config
