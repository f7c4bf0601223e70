// handler/field_edits.h - sets and removes header fields as a route says, with variables in their values.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace sally::handler {

/// What is wrong with the value of a field that FieldEdits sets, or "". Variables: {client_address}, {host},
/// {method}, {path} (as the client sent it), {request_id}, {scheme}; "{{" and "}}" are braces.
std::string check_edit_value(std::string_view value);

/// Made once, then applied to each exchange of a route, in the order of the names.
class FieldEdits {
 public:
  FieldEdits() = default;
  /// edits  name -> value that check_edit_value() likes; "" removes the field
  explicit FieldEdits(const std::map<std::string, std::string>& edits);

  bool empty() const { return edits_.empty(); }
  /// Whether a field of that (lower-case) name is set or removed.
  bool names(std::string_view name) const;
  /// What is new lies in the exchange's arena. A variable that has no value leaves its field out.
  void apply(http::Fields& fields, http::Exchange& x) const;

 private:
  enum class Variable : std::uint8_t { none, client_address, host, method, path, request_id, scheme };
  /// Text, and then what a variable says.
  struct Part {
    std::string text;
    Variable variable = Variable::none;
  };
  struct Edit {
    std::string name;
    std::vector<Part> parts;  ///< none: the field is removed
  };
  /// False: `value` is no such text, `why` says what is wrong.
  static bool parse(std::string_view value, std::vector<Part>& parts, std::string& why);
  static std::string_view value_of(Variable variable, const http::Exchange& x);
  friend std::string check_edit_value(std::string_view value);

  std::vector<Edit> edits_;
};

/// Edits each answer of a route when its handler has made it.
class ResponseEdits final : public http::ResponseEdit {
 public:
  ResponseEdits() = default;
  explicit ResponseEdits(FieldEdits edits) : edits_(std::move(edits)) {}
  void edit(http::Exchange& x) const override;
  bool empty() const { return edits_.empty(); }

 private:
  FieldEdits edits_;
};

}  // namespace sally::handler
