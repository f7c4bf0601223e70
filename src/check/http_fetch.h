// check/http_fetch.h - asks a target for addresses as a browser does, and follows redirects that stay there.
#pragma once
#include <string>

#include "check/http_seen.h"
#include "check/probe.h"
#include "check/url.h"

namespace sally::check {

/// An answer with its content as it came.
struct Fetched {
  HttpAnswer answer;
  std::string content;
  bool whole = false;
};

struct FetchRow {
  std::string_view method = "GET";
  std::string_view fields = "";   ///< more lines of the request, each with its end
  std::size_t content_limit = 0;  ///< bytes; 0: the head is enough
};

inline constexpr unsigned kMostHops = 10;

/// `url`: http at the target's plain port or https at its own.
/// Errors: check.not_http, check.http_head_too_long, check.out_of_time, check.too_many_connections, net.*,
/// tls.*, http1.*.
Task<Result<Fetched>> fetch(Examination& x, const Url& url, const FetchRow& row);

/// GET `begin` and where its redirects lead, while they keep scheme, host and port. `last`, unless null,
/// becomes the last answer.
Task<Chain> follow(Examination& x, Url begin, FetchRow row, Fetched* last);

/// "http://host/" or "https://host/" of the target.
Url root_of(const Target& target, std::string_view scheme, std::uint16_t port);

bool is_redirect(const HttpAnswer& answer);

}  // namespace sally::check
