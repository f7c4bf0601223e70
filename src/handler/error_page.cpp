#include "handler/error_page.h"

#include <algorithm>
#include <array>

#include "base/escape.h"
#include "http/status.h"

namespace sally::handler {
namespace {

struct Row {
  int status;
  std::string_view says;  ///< to the visitor: what happened, and whose move it is
};
constexpr std::array kRows = {
    Row{400, "The request could not be understood."},
    Row{401, "This needs a login."},
    Row{403, "You may not see this."},
    Row{404, "There is nothing at this address. It may have moved, or the link may be mistyped."},
    Row{405, "This address does not take that kind of request."},
    Row{406, "It is not available in a form that your client accepts."},
    Row{408, "The request took too long to arrive. Please try again."},
    Row{410, "This was here, and was removed for good."},
    Row{412, "It has changed since your client last saw it."},
    Row{413, "What was sent is larger than this server takes."},
    Row{414, "The address is longer than this server takes."},
    Row{416, "The part that was asked for lies outside of it."},
    Row{421, "This connection was opened for another site. Please reload the page."},
    Row{429, "Too many requests. Please wait a little before the next one."},
    Row{431, "The fields of the request are larger than this server takes. Deleting cookies may help."},
    Row{500, "Something went wrong on this server. It is not your fault."},
    Row{502, "The server behind this one did not answer properly. Please try again soon."},
    Row{503, "This server is busy or in maintenance. Please try again soon."},
    Row{504, "The server behind this one did not answer in time. Please try again soon."},
    Row{507, "This server has no space left."},
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::status));

std::string_view sentence(int status) {
  const auto it = std::ranges::lower_bound(kRows, status, {}, &Row::status);
  if (it != kRows.end() && it->status == status) return it->says;
  return status < 500 ? "The request cannot be answered." : "The server could not answer the request.";
}

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>)";

constexpr std::string_view kStyle = R"(</title>
<style>
:root { --ink: #1d2433; --soft: #5b6478; --ground: #f6f7f9; --line: #0b7a75 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaf0; --soft: #9aa3b5; --ground: #12151c; --line: #4fd1c5 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 2rem; background: var(--ground);
       color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif }
main { max-width: 34rem; border-left: .25rem solid var(--line); padding-left: 1.75rem }
h1 { margin: 0; font-size: 4rem; line-height: 1; letter-spacing: -.03em }
h1 + p { margin: .5rem 0 1.25rem; font-size: 1.375rem; font-weight: 600 }
p { margin: 0; color: var(--soft) }
h1 + p { color: var(--ink) }
code { font: .875em ui-monospace, monospace }
p + p code { display: inline-block; margin-top: 1.25rem }
</style>
</head>
<body>
<main>
<h1>)";

}  // namespace

std::string error_page_html(int status, std::string_view request_id) {
  const std::string number = std::to_string(status);
  std::string out;
  out.reserve(kHead.size() + kStyle.size() + 512);
  out += kHead;
  out += number;
  out += ' ';
  out += http::reason_phrase(status);
  out += kStyle;
  out += number;
  out += "</h1>\n<p>";
  out += http::reason_phrase(status);
  out += "</p>\n<p>";
  out += sentence(status);
  out += "</p>\n";
  if (!request_id.empty()) {
    out += "<p><code>request ";
    append_html(out, request_id);
    out += "</code></p>\n";
  }
  out += "</main>\n</body>\n</html>\n";
  return out;
}

std::string error_page_text(int status, std::string_view request_id) {
  std::string out = std::to_string(status) + ' ';
  out += http::reason_phrase(status);
  out += '\n';
  out += sentence(status);
  out += '\n';
  if (!request_id.empty()) {
    out += "request ";
    out += request_id;
    out += '\n';
  }
  return out;
}

void respond_with_error(http::Exchange& x, int status, std::string_view request_id) {
  bool html = false;
  for (const http::Field& f : x.request.fields)
    if (f.name == "accept" && f.value.find("text/html") != f.value.npos) html = true;
  x.response.status = status;
  x.response.prepared = nullptr;
  x.response.trailers.clear();
  for (const std::string_view name :
       {"content-length", "content-encoding", "content-range", "etag", "last-modified"})
    if (status != 416 || name != "content-range") x.response.fields.remove(name);  // RFC 9110 15.5.17
  x.response.fields.set("content-type", html ? "text/html; charset=utf-8" : "text/plain; charset=utf-8");
  x.response.fields.set("cache-control", "no-store");
  x.response.body =
      http::Body::text(html ? error_page_html(status, request_id) : error_page_text(status, request_id));
  x.respond();
}

}  // namespace sally::handler
