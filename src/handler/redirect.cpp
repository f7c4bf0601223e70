#include "handler/redirect.h"

#include <algorithm>

#include "handler/error_page.h"

namespace sally::handler {
namespace {

/// A path that begins with two slashes would be another host's name in a location (RFC 3986 4.2).
std::string_view one_slash(std::string_view path) {
  while (path.starts_with("//")) path.remove_prefix(1);
  return path;
}

void append_target(std::string& location, const http::Request& request) {
  if (request.path.starts_with('/')) location += one_slash(request.path);
  if (request.has_query) {
    location += '?';
    location += request.query;
  }
}

}  // namespace

void respond_with_redirect(http::Exchange& x, int status, std::string_view location) {
  const std::string_view kept = x.arena.copy(location);
  x.response.fields.add("location", kept);
  x.respond_text(status, "text/plain; charset=utf-8", "See " + std::string(kept) + "\n");
}

Redirect::Redirect(std::string to, int status, bool keep_path)
    : to_(std::move(to)), status_(status), keep_path_(keep_path) {
  if (keep_path_ && to_.ends_with('/')) to_.pop_back();
}

bool Redirect::answer_now(http::Exchange& x) {
  std::string location = to_;
  if (keep_path_) append_target(location, x.request);
  respond_with_redirect(x, status_, location);
  return true;
}

Task<Result<Unit>> Redirect::handle(http::Exchange& x) {
  answer_now(x);
  co_return Unit{};
}

bool HttpsRedirect::answer_now(http::Exchange& x) {
  // HTTP/1.0 may come without a host: then there is nowhere to send it.
  if (x.request.host.empty()) {
    respond_with_error(x, 400);
    return true;
  }
  const bool v6 = x.request.host.find(':') != std::string::npos;
  std::string location = v6 ? "https://[" + x.request.host + "]" : "https://" + x.request.host;
  if (port_ != 443) location += ":" + std::to_string(port_);
  append_target(location, x.request);
  if (!x.request.path.starts_with('/')) location += '/';
  respond_with_redirect(x, 308, location);
  return true;
}

Task<Result<Unit>> HttpsRedirect::handle(http::Exchange& x) {
  answer_now(x);
  co_return Unit{};
}

}  // namespace sally::handler
