// handler/redirect.h - sends every request elsewhere: to https, to another name, to another path.
#pragma once
#include <cstdint>
#include <string>

#include "http/handler.h"

namespace sally::handler {

/// Every request goes to `to`, with its path and query behind it if `keep_path`.
class Redirect final : public http::Handler {
 public:
  /// to      "https://host", "https://host/path" or "/path" on the same host; no '?' and no '#'
  /// status  301, 302, 303, 307 or 308 (RFC 9110 15.4)
  Redirect(std::string to, int status, bool keep_path);

  bool answer_now(http::Exchange& x) override;
  Task<Result<Unit>> handle(http::Exchange& x) override;

 private:
  std::string to_;
  int status_;
  bool keep_path_;
};

/// Plain requests go to the same host, path and query on https. 308, so that a POST stays one.
class HttpsRedirect final : public http::Handler {
 public:
  /// port  where https answers; 443 is not written into the location
  explicit HttpsRedirect(std::uint16_t port) : port_(port) {}

  bool answer_now(http::Exchange& x) override;
  Task<Result<Unit>> handle(http::Exchange& x) override;

 private:
  std::uint16_t port_;
};

/// Answers `x` with a redirect and a line of text that names it. `location` must be free of control octets.
void respond_with_redirect(http::Exchange& x, int status, std::string_view location);

}  // namespace sally::handler
