// check/http_seen.h - what HTTP answered: the facts of fields, redirects, cookies and pages; no opinions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/page_parts.h"

namespace sally::check {

struct HttpAnswer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case, in their order

  /// The first of that name; nullptr: none.
  const std::string* field(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
};

/// One request and its answer.
struct Hop {
  std::string url;
  HttpAnswer answer;
};

/// Where redirects lead, as far as they stay at the target.
struct Chain {
  enum class End : std::uint8_t {
    answered,   ///< with something that is no redirect
    to_https,   ///< from plain http to https of this target
    to_http,    ///< from https to plain http
    elsewhere,  ///< to another host or port, which is not asked
    circle,     ///< to an address that was asked before
    too_long,   ///< a limit was reached
    bad_address,
    failed,  ///< a request got no answer
  };
  std::vector<Hop> hops;
  End end = End::failed;
  std::string next;         ///< the address that was not asked
  std::string why;          ///< of `failed`: the reason
  std::string_view why_id;  ///< of `failed`: the error's id
};

struct PlainHttpSeen {
  std::uint16_t port = 80;
  bool open = false;
  std::optional<HttpAnswer> answer;     ///< the first one of the chain
  Chain chain;                          ///< from http://host/
  std::optional<bool> upgrades_to_tls;  ///< TLS is offered inside a plain connection (RFC 2817)
};

/// What stands at https://host/ once redirects inside the target were followed.
struct PageSeen {
  Chain chain;
  std::string coding;              ///< the compression that was used; empty: none
  std::string bad_content;         ///< why the content could not be read
  bool whole = false;              ///< all of its content was read
  std::size_t bytes = 0;           ///< of content, unpacked, as far as it was read
  std::optional<PageParts> parts;  ///< absent: it is no HTML, or it was not read
  std::string parts_unread;        ///< why it was not read though it is HTML

  /// The last answer of the chain; nullptr: there was none.
  const HttpAnswer* answer() const { return chain.hops.empty() ? nullptr : &chain.hops.back().answer; }
};

}  // namespace sally::check
