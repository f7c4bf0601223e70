// gateway/field_check.h - which header fields a configuration may name, and what their values may hold.
#pragma once
#include <string>
#include <string_view>

namespace sally::gateway {

/// Each says what is wrong with its text, or "".

/// A field of requests that a rule looks at (RFC 9110 5.1).
std::string check_field_name(std::string_view name);
/// A field that is set or removed in answers: not those that frame a message, and not what has a key of its
/// own.
std::string check_response_field_name(std::string_view name);
/// A field that is set or removed in requests: not those that frame a message or say where it came from.
std::string check_request_field_name(std::string_view name);
/// RFC 9110 5.5.
std::string check_field_value(std::string_view value);
/// A value with variables: see handler::FieldEdits.
std::string check_field_template(std::string_view value);

}  // namespace sally::gateway
