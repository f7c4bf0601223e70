#include "check/http_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/number.h"

namespace sally::check {
namespace {

/// Takes one line, without its end; nullopt: no line end yet.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t lf = text.find('\n');
  if (lf == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, lf);
  text.remove_prefix(lf + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "HTTP/1.1 200 OK"; 0: it is none.
unsigned status_of(std::string_view line) {
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return 0;
  if (line.size() > 12 && line[12] != ' ') return 0;
  const auto status = parse_number<unsigned>(line.substr(9, 3));
  return status && *status >= 100 ? *status : 0;
}

/// For a report: what is not printable becomes "?".
std::string printable(std::string_view value) {
  std::string out(trim(value));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  return out;
}

}  // namespace

const std::string* HttpAnswer::field(std::string_view name) const {
  const auto found =
      std::ranges::find(fields, name, [](const auto& f) -> std::string_view { return f.first; });
  return found == fields.end() ? nullptr : &found->second;
}

std::vector<std::string> HttpAnswer::all(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : fields)
    if (key == name) out.push_back(value);
  return out;
}

Result<std::optional<HttpAnswer>> read_http_head(std::string_view text, HttpHeadLimits limits,
                                                 std::size_t* used) {
  const std::string_view whole = text.substr(0, limits.bytes);
  const bool cut = text.size() > limits.bytes;
  text = whole;
  const auto more = [&]() -> Result<std::optional<HttpAnswer>> {
    if (cut) return fail(kHttpHeadTooLong, fmt::format("more than {} bytes", limits.bytes));
    return std::nullopt;
  };
  constexpr std::string_view kStart = "HTTP/1.";
  if (!kStart.starts_with(text.substr(0, kStart.size()))) return fail(kNotHttp);
  for (;;) {
    const auto first = take_line(text);
    if (!first) return more();
    HttpAnswer out{.status = status_of(*first), .fields = {}};
    if (out.status == 0) return fail(kNotHttp);
    for (;;) {
      const auto line = take_line(text);
      if (!line) return more();
      if (line->empty()) break;
      if ((line->front() == ' ' || line->front() == '\t') && !out.fields.empty()) {
        out.fields.back().second += ' ' + printable(*line);
        continue;
      }
      if (out.fields.size() == limits.fields)
        return fail(kHttpHeadTooLong, fmt::format("more than {} fields", limits.fields));
      const std::size_t colon = line->find(':');
      if (colon == std::string_view::npos) continue;
      out.fields.emplace_back(ascii_lower(printable(line->substr(0, colon))),
                              printable(line->substr(colon + 1)));
    }
    // RFC 9110 15.2: interim answers come before the final one; 101 would be the last.
    if (out.status < 200 && out.status != 101) continue;
    if (used) *used = whole.size() - text.size();
    return out;
  }
}

}  // namespace sally::check
