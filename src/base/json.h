// base/json.h - writes JSON (RFC 8259) in the order of the calls.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sally {

/// Appends a JSON string with its quotes; `text` may hold any bytes: what is no UTF-8 becomes \ufffd.
void append_json_string(std::string& out, std::string_view text);

/// One object. Keys are literals that need no escape rules to be unique; values may hold any bytes.
class JsonText {
 public:
  /// `one_line`: no line ends and no indentation, for JSON lines.
  enum class Layout : std::uint8_t { indented, one_line };

  explicit JsonText(Layout layout = Layout::indented) : layout_(layout) { open('{'); }
  JsonText& string(std::string_view key, std::string_view value);
  JsonText& number(std::string_view key, std::int64_t value);
  /// Milliseconds and the like: three digits behind the point.
  JsonText& decimal(std::string_view key, double value);
  JsonText& boolean(std::string_view key, bool value);
  JsonText& strings(std::string_view key, std::span<const std::string> values);
  JsonText& begin_object(std::string_view key);
  JsonText& begin_array(std::string_view key);
  JsonText& begin_element();  ///< an object within an array
  JsonText& end();            ///< of the innermost object or array
  /// Ends what is open and gives the text, with a line end.
  std::string finish();

 private:
  void open(char bracket);
  void break_line();
  void next(std::string_view key);

  Layout layout_;
  std::string out_;
  std::string closing_;  ///< brackets still to come, the innermost last
  bool first_ = true;
};

}  // namespace sally
