// handler/error_page.h - what a client sees when there is no better answer, and nothing of the inside.
#pragma once
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace sally::handler {

/// A whole HTML page for `status` (400..599). `request_id` lets a visitor name the failure; empty: not shown.
/// It is escaped, and nothing else in the page comes from outside.
std::string error_page_html(int status, std::string_view request_id = {});

/// The same in two or three lines of plain text.
std::string error_page_text(int status, std::string_view request_id = {});

/// Answers `x` with the page for `status`: HTML where `accept` names text/html, else plain text
/// (RFC 9110 12.5.1). Replaces what stood in the response, also the fields that describe content; others,
/// such as `allow`, stay (RFC 9110 15.5.6). Never cached.
void respond_with_error(http::Exchange& x, int status, std::string_view request_id = {});

}  // namespace sally::handler
