// cert/json_text.h - writes JSON (RFC 8259), indented, in the order of the calls.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sally::cert {

/// Keys are literals; values may hold any bytes: what is no UTF-8 becomes U+FFFD.
class JsonText {
 public:
  JsonText() { open('{'); }
  JsonText& string(std::string_view key, std::string_view value);
  JsonText& number(std::string_view key, std::int64_t value);
  JsonText& boolean(std::string_view key, bool value);
  JsonText& strings(std::string_view key, const std::vector<std::string>& values);
  JsonText& begin_object(std::string_view key);
  JsonText& begin_array(std::string_view key);
  JsonText& begin_element();  ///< an object within an array
  JsonText& end();            ///< of the innermost object or array
  /// Ends what is open and gives the text, with a line end.
  std::string finish();

 private:
  void open(char bracket);
  void next(std::string_view key);
  void quote(std::string_view value);

  std::string out_;
  std::string closing_;  ///< brackets still to come, the innermost last
  bool first_ = true;
};

}  // namespace sally::cert
