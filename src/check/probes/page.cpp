#include "base/ascii.h"
#include "check/content_coding.h"
#include "check/http_fetch.h"
#include "check/probes/all.h"
#include "loop/offload.h"

namespace sally::check {
namespace {

constexpr std::string_view kFields =
    "Accept-Encoding: gzip, br, zstd\r\nOrigin: https://sallyport-check.invalid\r\nConnection: close\r\n";

bool is_html(const HttpAnswer& answer, const std::string& content) {
  const std::string* const type = answer.field("content-type");
  if (!type) return content.starts_with('<');
  const std::string lower = ascii_lower(*type);
  return lower.starts_with("text/html") || lower.starts_with("application/xhtml+xml");
}

/// Takes the compression off; empty content when it cannot be taken off.
std::string unpacked(const Fetched& got, std::size_t limit, PageSeen& out) {
  const std::string* const coding = got.answer.field("content-encoding");
  out.whole = got.whole;
  if (!coding || coding->empty()) return got.content;
  out.coding = ascii_lower(*coding);
  auto text = unpack(*coding, got.content, limit);
  if (!text) {
    out.bad_content = text.error().text();
    return {};
  }
  out.whole = got.whole && text->whole;
  return std::move(text->text);
}

Task<Unit> read_parts(Examination& x, std::string html, PageSeen& out) {
  const auto at = read_url(out.chain.hops.back().url);
  if (!at) co_return Unit{};
  auto job = [html = std::move(html), url = *at] { return read_page(html, url); };
  auto parts = co_await offload(x.loop, std::move(job));
  if (parts)
    out.parts = *std::move(parts);
  else
    out.parts_unread = parts.error().text();
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_page(Examination& x) {
  PageSeen out;
  Fetched last;
  const FetchRow row{.method = "GET", .fields = kFields, .content_limit = x.page_bytes};
  out.chain = co_await follow(x, root_of(x.target, "https", x.target.port), row, &last);
  if (out.chain.end == Chain::End::failed) x.not_tested("http.page", out.chain.why);
  if (!out.chain.hops.empty()) {
    std::string text = unpacked(last, x.page_bytes, out);
    out.bytes = text.size();
    if (is_html(last.answer, text) && !text.empty()) co_await read_parts(x, std::move(text), out);
  }
  if (!out.parts_unread.empty()) x.not_tested("mixed", out.parts_unread);
  if (out.parts && !out.whole)
    x.not_tested("mixed",
                 "the page was read in part only: it did not come whole, or is longer than --page-bytes");
  x.seen.page = std::move(out);
  co_return Unit{};
}

}  // namespace sally::check
