// proto/request_head.h - the head of a request on its way out, before any version of HTTP has given it a
// form.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/method.h"

namespace sally {

/// All but the fields. The views live as long as the writing takes.
struct RequestHead {
  http::Method method = http::Method::get;
  std::string_view method_text = "GET";
  std::string_view scheme = "http";
  std::string_view host;  ///< with port, if that is not the scheme's
  std::string_view path;  ///< starts with '/', or is "*"
  std::string_view query;
  bool has_query = false;
  bool has_body = false;
  std::optional<std::uint64_t> content_length;
  bool expects_continue = false;  ///< RFC 9110 10.1.1
  bool takes_trailers = false;    ///< RFC 9110 10.1.4
  std::string_view upgrade;       ///< another protocol that is asked for (RFC 9110 7.8); HTTP/1.1 only
};

/// Where a head is written to: start() once, then its fields. What frames the body, and Host, Expect and TE,
/// the sink makes itself of what start() was told.
class HeadSink {
 public:
  virtual void start(const RequestHead& head) = 0;
  /// A name in lower case. Nothing of one hop only (RFC 9110 7.6.1), no content-length, no host.
  virtual void field(std::string_view name, std::string_view value) = 0;

 protected:
  ~HeadSink() = default;
};

}  // namespace sally
