#include "load/request_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace sally::load {
namespace {

constexpr std::string_view kAgent = "sallyport-load";
constexpr std::size_t kEntryOverhead = 32;  ///< RFC 7541 4.1
constexpr unsigned kStaticEntries = 61;

struct StaticEntry {
  std::string_view name, value;
  unsigned index;
};
/// Of RFC 7541 appendix A, what a request has use for.
constexpr std::array<StaticEntry, 12> kStatic = {{{":authority", "", 1},
                                                  {":method", "GET", 2},
                                                  {":method", "POST", 3},
                                                  {":path", "/", 4},
                                                  {":scheme", "http", 6},
                                                  {":scheme", "https", 7},
                                                  {"accept", "", 19},
                                                  {"authorization", "", 23},
                                                  {"content-length", "", 28},
                                                  {"content-type", "", 31},
                                                  {"cookie", "", 32},
                                                  {"user-agent", "", 58}}};

/// RFC 7541 5.1. `prefix`: bits of the first octet that belong to the number; `first`: its other bits.
void put_number(std::string& out, unsigned first, unsigned prefix, std::size_t value) {
  const std::size_t most = (std::size_t{1} << prefix) - 1;
  if (value < most) {
    out += static_cast<char>(first | value);
    return;
  }
  out += static_cast<char>(first | most);
  for (value -= most; value >= 128; value /= 128) out += static_cast<char>(value % 128 + 128);
  out += static_cast<char>(value);
}

/// RFC 7541 5.2, not compressed.
void put_text(std::string& out, std::string_view text) {
  put_number(out, 0, 7, text.size());
  out += text;
}

/// RFC 7541 6.2; `first` and `prefix` say whether it goes into the table.
void put_literal(std::string& out, unsigned first, unsigned prefix, std::string_view name,
                 std::string_view value) {
  const auto* const known = std::ranges::find(kStatic, name, &StaticEntry::name);
  put_number(out, first, prefix, known == kStatic.end() ? 0 : known->index);
  if (known == kStatic.end()) put_text(out, name);
  put_text(out, value);
}

}  // namespace

RequestText::RequestText(const Plan& plan, std::vector<LoadUrl> urls) : plan_(plan) {
  for (const auto& [name, value] : plan.fields)
    if (ascii_iequals(name, "host")) host_ = value;
  for (const LoadUrl& url : urls) {
    write_http1(url);
    lines_.push_back(lines_of(url, urls.size() == 1));
    write_blocks(lines_.back());
  }
}

void RequestText::write_http1(const LoadUrl& url) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", plan_.method, url.path,
                                 host_.empty() ? url.authority : host_);
  bool agent = false;
  for (const auto& [name, value] : plan_.fields) {
    if (ascii_iequals(name, "host")) continue;
    agent |= ascii_iequals(name, "user-agent");
    text += fmt::format("{}: {}\r\n", name, value);
  }
  if (!agent) text += fmt::format("User-Agent: {}\r\n", kAgent);
  if (!plan_.body.empty()) text += fmt::format("Content-Length: {}\r\n", plan_.body.size());
  http1_.push_back(text + "\r\n" + plan_.body);
  http1_last_.push_back(text + "Connection: close\r\n\r\n" + plan_.body);
}

std::vector<RequestText::Line> RequestText::lines_of(const LoadUrl& url, bool one_url) const {
  std::vector<Line> lines;
  lines.push_back({":method", plan_.method});
  lines.push_back({":scheme", url.secure ? "https" : "http"});
  lines.push_back({":authority", host_.empty() ? url.authority : host_});
  lines.push_back({":path", url.path, !one_url});
  bool agent = false;
  for (const auto& [name, value] : plan_.fields) {
    const std::string lower = ascii_lower(name);
    if (lower == "host") continue;
    agent |= lower == "user-agent";
    lines.push_back({lower, value});
  }
  if (!agent) lines.push_back({"user-agent", std::string(kAgent)});
  if (!plan_.body.empty()) lines.push_back({"content-length", std::to_string(plan_.body.size())});
  return lines;
}

void RequestText::write_blocks(const std::vector<Line>& lines) {
  const auto in_static = [](const Line& line) {
    return std::ranges::find_if(kStatic, [&](const StaticEntry& e) {
      return e.name == line.name && !e.value.empty() && e.value == line.value;
    });
  };
  const auto in_table = [&](const Line& line) { return !line.varies && in_static(line) == kStatic.end(); };
  const auto entries = static_cast<std::size_t>(std::ranges::count_if(lines, in_table));
  std::string first, next, plain;
  std::size_t bytes = 0, entered = 0;
  for (const Line& line : lines) {
    if (const auto* const entry = in_static(line); entry != kStatic.end()) {
      for (std::string* block : {&first, &next, &plain}) put_number(*block, 0x80, 7, entry->index);
      continue;
    }
    put_literal(plain, 0x00, 4, line.name, line.value);
    if (line.varies) {
      for (std::string* block : {&first, &next}) put_literal(*block, 0x00, 4, line.name, line.value);
      continue;
    }
    put_literal(first, 0x40, 6, line.name, line.value);
    // The newest entry has the lowest index (RFC 7541 2.3.3).
    put_number(next, 0x80, 7, kStaticEntries + entries - entered);
    ++entered;
    bytes += line.name.size() + line.value.size() + kEntryOverhead;
  }
  table_bytes_ = std::max(table_bytes_, bytes);
  first_.push_back(std::move(first));
  next_.push_back(std::move(next));
  plain_.push_back(std::move(plain));
}

}  // namespace sally::load
