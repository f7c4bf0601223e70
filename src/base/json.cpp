#include "base/json.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/escape.h"

namespace sally {

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

void JsonText::open(char bracket) {
  out_ += bracket;
  closing_ += bracket == '{' ? '}' : ']';
  first_ = true;
}

void JsonText::break_line() {
  if (layout_ == Layout::one_line) return;
  out_ += '\n';
  out_.append(closing_.size() * 2, ' ');
}

void JsonText::next(std::string_view key) {
  if (!first_) out_ += layout_ == Layout::one_line ? ", " : ",";
  first_ = false;
  break_line();
  if (key.empty()) return;
  append_json_string(out_, key);
  out_ += ": ";
}

JsonText& JsonText::string(std::string_view key, std::string_view value) {
  next(key);
  append_json_string(out_, value);
  return *this;
}

JsonText& JsonText::number(std::string_view key, std::int64_t value) {
  next(key);
  out_ += std::to_string(value);
  return *this;
}

JsonText& JsonText::decimal(std::string_view key, double value) {
  next(key);
  // RFC 8259 6 has no infinity.
  fmt::format_to(std::back_inserter(out_), "{:.3f}", std::isfinite(value) ? value : 0.0);
  return *this;
}

JsonText& JsonText::boolean(std::string_view key, bool value) {
  next(key);
  out_ += value ? "true" : "false";
  return *this;
}

JsonText& JsonText::strings(std::string_view key, std::span<const std::string> values) {
  begin_array(key);
  for (const std::string& one : values) {
    next({});
    append_json_string(out_, one);
  }
  return end();
}

JsonText& JsonText::begin_object(std::string_view key) {
  next(key);
  open('{');
  return *this;
}

JsonText& JsonText::begin_array(std::string_view key) {
  next(key);
  open('[');
  return *this;
}

JsonText& JsonText::begin_element() { return begin_object({}); }

JsonText& JsonText::end() {
  const char bracket = closing_.back();
  closing_.pop_back();
  if (!first_) break_line();
  out_ += bracket;
  first_ = false;
  return *this;
}

std::string JsonText::finish() {
  while (!closing_.empty()) end();
  return out_ + "\n";
}

}  // namespace sally
