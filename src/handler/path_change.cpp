#include "handler/path_change.h"

#include <algorithm>

#include "http/target.h"

namespace sally::handler {
namespace {

constexpr std::string_view kPath = "{path}";

/// `path` without its first segments; begins with one slash and no more, so that it is no host's name to
/// anybody (RFC 3986 4.2).
std::string_view without_prefix(std::string_view path, std::size_t segments) {
  for (; segments > 0 && !path.empty(); --segments)
    path = path.substr(std::min(path.find('/', 1), path.size()));
  while (path.starts_with("//")) path.remove_prefix(1);
  return path.empty() ? "/" : path;
}

}  // namespace

std::string check_rewrite(std::string_view text) {
  const std::size_t at = text.find(kPath);
  std::string plain(text);
  if (at != text.npos) plain.erase(at, kPath.size());
  if (plain.find_first_of("{}") != plain.npos) return "has braces; {path} may stand in it once";
  if (at == 0) plain.insert(0, "/");
  if (plain == "/" && at == 0) return "would change nothing";
  if (at != text.npos && at > 0 && text[at - 1] == '/')
    return "must be written without the slash before {path}, which has one";
  if (!http::is_request_path(plain))
    return "is no path: it begins with \"/\" and has no spaces, no # and whole % escapes";
  if (plain.contains('?')) return "must have no query; the request's own stays";
  if (plain.starts_with("//")) return "must not begin with two slashes";
  return "";
}

PathChange::PathChange(bool strip_prefix, std::string_view rewrite)
    : strip_(strip_prefix), rewrites_(!rewrite.empty()) {
  const std::size_t at = rewrite.find(kPath);
  keeps_path_ = at != rewrite.npos;
  before_ = rewrite.substr(0, at);
  if (keeps_path_) after_ = rewrite.substr(at + kPath.size());
}

void PathChange::apply(http::Exchange& x, std::size_t segments) const {
  http::Request& r = x.request;
  if ((!strip_ && !rewrites_) || !r.path.starts_with('/')) return;
  const std::string_view asked = r.path;
  if (strip_) r.path = without_prefix(r.path, segments);
  if (rewrites_) {
    std::string path = before_;
    if (keeps_path_) path.append(r.path).append(after_);
    r.path = x.arena.copy(path);
  }
  r.asked_path = asked;
}

}  // namespace sally::handler
