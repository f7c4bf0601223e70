#include "gateway/field_check.h"

#include <algorithm>
#include <span>

#include "base/ascii.h"
#include "handler/field_edits.h"
#include "http/octets.h"

namespace sally::gateway {
namespace {

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view one) { return ascii_iequals(one, name); });
}

}  // namespace

std::string check_field_name(std::string_view name) {
  return http::is_field_name(ascii_lower(name)) ? "" : "is no field name (RFC 9110 5.1)";
}

std::string check_response_field_name(std::string_view name) {
  constexpr std::string_view kOurs[] = {"connection", "content-length",    "date",
                                        "keep-alive", "transfer-encoding", "trailer",
                                        "upgrade",    "content-encoding",  "content-range"};
  if (std::string why = check_field_name(name); !why.empty()) return why;
  if (ascii_iequals(name, "strict-transport-security")) return "is set by the key hsts";
  return is_one_of(name, kOurs) ? "is set by the server itself" : "";
}

std::string check_request_field_name(std::string_view name) {
  constexpr std::string_view kOurs[] = {"connection",        "content-length",
                                        "content-encoding",  "expect",
                                        "forwarded",         "host",
                                        "keep-alive",        "te",
                                        "trailer",           "upgrade",
                                        "x-forwarded-for",   "x-forwarded-host",
                                        "x-forwarded-proto", "proxy-connection",
                                        "transfer-encoding"};
  if (std::string why = check_field_name(name); !why.empty()) return why;
  return is_one_of(name, kOurs) ? "is set by the server itself" : "";
}

std::string check_field_value(std::string_view value) {
  const bool good = std::ranges::all_of(
      value, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
  if (!good) return "has characters that a field value cannot have (RFC 9110 5.5)";
  return trim(value) == value ? "" : "begins or ends with a space";
}

std::string check_field_template(std::string_view value) {
  if (std::string why = check_field_value(value); !why.empty()) return why;
  return handler::check_edit_value(value);
}

}  // namespace sally::gateway
