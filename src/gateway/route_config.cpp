#include "gateway/route_config.h"

#include <algorithm>

#include "base/ascii.h"
#include "gateway/field_check.h"
#include "gateway/handler_keys.h"
#include "handler/path_change.h"
#include "http/octets.h"

namespace sally::gateway {

using config::Block;
using config::List;
using config::Map;
using config::Switch;
using config::Text;

namespace {

std::string check_method(std::string_view method) {
  const bool token = !method.empty() && std::ranges::all_of(method, [](char c) {
    return http::is_octet(c, http::octets::kToken);
  });
  if (!token) return "is no method (RFC 9110 9.1)";
  const bool lower = std::ranges::any_of(method, [](char c) { return c >= 'a' && c <= 'z'; });
  return lower ? "has small letters; methods are told apart by them (RFC 9110 9.1)" : "";
}

std::string check_field_rule(std::string_view rule) {
  const std::size_t colon = rule.find(':');
  if (std::string why = check_field_name(rule.substr(0, colon)); !why.empty()) return why;
  return colon == rule.npos ? "" : check_field_value(trim(rule.substr(colon + 1)));
}

std::string check_client(std::string_view range) {
  return AddressRange::parse(range)
             ? ""
             : "is no address and no range such as \"10.0.0.0/8\" or \"2001:db8::/32\"";
}

}  // namespace

const Block<RouteConfig>& RouteConfig::block() {
  using C = RouteConfig;
  static const Map<Text, Text> kRequestFields{
      {check_request_field_name, ""}, {check_field_template, ""}, 100};
  static const Map<Text, Text> kResponseFields{
      {check_response_field_name, ""}, {check_field_template, ""}, 100};
  static const Block<C> kBlock =
      Block<C>(
          "Requests that are treated in another way than the rest of the site. The most specific route wins: "
          "a "
          "whole path, then the longest path with a star, then the most conditions, then the first in the "
          "file.")
          .repeated()
          .key("path", &C::path, Text{handler::check_route_path, "\"/path\" or \"/path/*\""},
               "This path alone, or with a star it and all beneath it, written without % escapes. Absent: "
               "any.",
               "RFC 3986 6.2.2")
          .key("method", &C::methods, List<Text>{{check_method, ""}, 0, 32},
               "One of these methods; GET is HEAD too. Absent: any.", "RFC 9110 9.1")
          .key("header", &C::fields, List<Text>{{check_field_rule, "\"Name\" or \"Name: value\""}, 0, 32},
               "All of these fields, where a value is given with just that value.", "RFC 9110 5")
          .key("client", &C::clients, List<Text>{{check_client, "\"10.0.0.0/8\""}, 0, 1000},
               "Clients of one of these addresses or ranges. Absent: any.")
          .rows(add_handler_keys<C>)
          .key("strip_prefix", &C::strip_prefix, Switch{},
               "The handler sees the path without what stands before the star.")
          .key("rewrite", &C::rewrite, Text{handler::check_rewrite, "\"/path\" or \"/path{path}\""},
               "The handler sees this path; {path} is the request's, after strip_prefix. The query stays.")
          .key("request_headers", &C::request_headers, kRequestFields,
               "Fields set in requests; \"\" removes one. {client_address}, {host}, {method}, {path}, "
               "{request_id} and "
               "{scheme} stand for what they say.",
               "RFC 9110 5")
          .key("headers", &C::headers, kResponseFields,
               "Fields set in answers, also over what the site sets; \"\" removes one. Variables as in "
               "request_headers.",
               "RFC 9110 5");
  return kBlock;
}

handler::RouteRule RouteConfig::rule() const {
  handler::RouteRule out{path, methods, {}, {}};
  for (const std::string_view field : fields) {
    const std::size_t colon = field.find(':');
    handler::FieldRule& rule = out.fields.emplace_back();
    rule.name = ascii_lower(field.substr(0, colon));
    if (colon != field.npos) rule.value = trim(field.substr(colon + 1));
  }
  for (const std::string& range : clients)
    if (const auto parsed = AddressRange::parse(range)) out.clients.push_back(*parsed);
  return out;
}

}  // namespace sally::gateway
