// http/status.h - status codes and their reason phrases (RFC 9110 15 and the IANA registry).
#pragma once
#include <string_view>

namespace sally::http {

/// "Not Found" for 404; "Unknown" for a code without a registered phrase.
std::string_view reason_phrase(int status);
/// RFC 9110 6.4.1: answers to these never have content: 1xx, 204, 304.
constexpr bool forbids_content(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace sally::http
