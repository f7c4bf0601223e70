// check/outside.h - asks servers that a target's certificate or DNS names: bounded, by plain HTTP, and never
// inside a private network on behalf of a public target.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "check/probe.h"
#include "check/url.h"

namespace sally::check {

inline constexpr ErrorKind kForbiddenPlace{
    "check.forbidden_place",
    Blame::upstream,
    Retry::never,
    "a public target names a place in a private network, or one that is no http address",
    "have the certificate made again with an address that everybody reaches",
    "",
    -1,
    0};
inline constexpr ErrorKind kOutsideAnswer{"check.outside_answer",
                                          Blame::upstream,
                                          Retry::later,
                                          "a server that the target names gave no usable answer",
                                          "repeat the check later",
                                          "",
                                          -1,
                                          0};

/// Everybody may own it: neither of this machine, nor of a private network, nor reserved.
bool is_public_address(std::string_view numeric);

/// Those of `addresses` that may be asked on behalf of a target at `target`, a numeric host: all of them for
/// a target that is itself in a private network, else only public ones.
std::vector<SocketAddress> allowed_places(std::string_view target, std::vector<SocketAddress> addresses);

struct OutsideRequest {
  std::string_view content_type;  ///< of `body`; empty: GET
  std::string body;
  std::size_t limit = 0;  ///< bytes of an answer's content
};

/// What stands at `url`, with status 200 and whole. Redirects are not followed.
/// Errors: check.forbidden_place, check.outside_answer, check.out_of_time, check.not_http,
/// check.http_head_too_long, net.*, http1.*.
Task<Result<std::string>> ask_outside(Examination& x, std::string url, OutsideRequest request);

}  // namespace sally::check
