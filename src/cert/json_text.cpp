#include "cert/json_text.h"

#include <fmt/format.h>

namespace sally::cert {
namespace {

/// Length of the valid UTF-8 sequence at the front, 0 for none (RFC 3629 4: no overlong forms, no
/// surrogates).
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned a = byte(0);
  if (a < 0x80) return 1;
  if (a >= 0xc2 && a <= 0xdf && tail(1)) return 2;
  if (a >= 0xe0 && a <= 0xef && tail(1) && tail(2)) {
    const bool overlong = a == 0xe0 && byte(1) < 0xa0, surrogate = a == 0xed && byte(1) > 0x9f;
    return overlong || surrogate ? 0 : 3;
  }
  if (a >= 0xf0 && a <= 0xf4 && tail(1) && tail(2) && tail(3)) {
    const bool overlong = a == 0xf0 && byte(1) < 0x90, beyond = a == 0xf4 && byte(1) > 0x8f;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

}  // namespace

void JsonText::open(char bracket) {
  out_ += bracket;
  closing_ += bracket == '{' ? '}' : ']';
  first_ = true;
}

void JsonText::next(std::string_view key) {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '\n';
  out_.append(closing_.size() * 2, ' ');
  if (key.empty()) return;
  quote(key);
  out_ += ": ";
}

void JsonText::quote(std::string_view value) {
  out_ += '"';
  while (!value.empty()) {
    const std::size_t n = utf8_length(value);
    const char c = value.front();
    if (n == 0) {
      out_ += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out_ += value.substr(0, n);
    }
    value.remove_prefix(n == 0 ? 1 : n);
  }
  out_ += '"';
}

JsonText& JsonText::string(std::string_view key, std::string_view value) {
  next(key);
  quote(value);
  return *this;
}

JsonText& JsonText::number(std::string_view key, std::int64_t value) {
  next(key);
  out_ += std::to_string(value);
  return *this;
}

JsonText& JsonText::boolean(std::string_view key, bool value) {
  next(key);
  out_ += value ? "true" : "false";
  return *this;
}

JsonText& JsonText::strings(std::string_view key, const std::vector<std::string>& values) {
  begin_array(key);
  for (const std::string& one : values) {
    next({});
    quote(one);
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
  if (!first_) {
    out_ += '\n';
    out_.append(closing_.size() * 2, ' ');
  }
  out_ += bracket;
  first_ = false;
  return *this;
}

std::string JsonText::finish() {
  while (!closing_.empty()) end();
  return out_ + "\n";
}

}  // namespace sally::cert
