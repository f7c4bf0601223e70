#include "handler/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "handler/path_text.h"
#include "handler/request_path.h"
#include "os/os_error.h"

namespace sally::handler {
namespace {

struct Entry {
  std::string name;
  bool folder = false;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  ///< seconds since 1970
};

/// Reading on in a huge folder only to count it would cost more than the number is worth.
constexpr std::size_t kMostHidden = 100'000;

struct Entries {
  std::vector<Entry> shown;
  std::size_t hidden = 0;  ///< how many more there are
};

/// nullopt: nothing that the site would give out.
std::optional<Entry> describe(const RootFolder& root, const std::string& folder, int dir, const char* name) {
  struct stat s {};
  if (::fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  if (S_ISLNK(s.st_mode)) {
    const auto target = root.open(folder.empty() ? name : folder + "/" + name, Patience::some);
    if (!target || !target->fd || ::fstat(target->fd.get(), &s) != 0) return std::nullopt;
  }
  if (!S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode)) return std::nullopt;
  return Entry{name, S_ISDIR(s.st_mode), static_cast<std::uint64_t>(s.st_size), s.st_mtim.tv_sec};
}

Result<Entries> read_entries(const RootFolder& root, const FilesConfig& rules, const std::string& folder) {
  TRY(Opened opened, root.open(folder, Patience::some));
  if (opened.kind != Opened::Kind::folder) return fail(kNotFound, folder);
  DIR* const raw = ::fdopendir(opened.fd.get());
  if (raw == nullptr) return fail_errno(errno, "list", folder);
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(raw, &::closedir);
  const int dir_fd = opened.fd.release();  // closedir() closes it
  Entries out;
  while (const dirent* const e = ::readdir(dir.get())) {
    if (!is_servable_name(e->d_name, rules.dotfiles)) continue;
    if (out.shown.size() >= rules.listing_entries) {
      if (++out.hidden == kMostHidden) break;
      continue;
    }
    if (auto entry = describe(root, folder, dir_fd, e->d_name)) out.shown.push_back(std::move(*entry));
  }
  return out;
}

/// "file9" before "file10".
bool name_less(std::string_view a, std::string_view b) {
  return ::strverscmp(std::string(a).c_str(), std::string(b).c_str()) < 0;
}

void sort_entries(std::vector<Entry>& entries, const ListingStyle& style) {
  std::ranges::sort(entries, [&](const Entry& a, const Entry& b) {
    if (a.folder != b.folder) return a.folder;
    const Entry& x = style.descending ? b : a;
    const Entry& y = style.descending ? a : b;
    if (style.by == ListingStyle::By::size && x.size != y.size && !x.folder) return x.size < y.size;
    if (style.by == ListingStyle::By::date && x.modified != y.modified) return x.modified < y.modified;
    return style.by == ListingStyle::By::name ? name_less(x.name, y.name) : name_less(a.name, b.name);
  });
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string date_text(std::int64_t seconds, const char* form) {
  const auto t = static_cast<std::time_t>(seconds);
  std::tm utc{};
  char text[40];
  if (::gmtime_r(&t, &utc) == nullptr) return {};
  return {text, std::strftime(text, sizeof text, form, &utc)};
}

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>)";

constexpr std::string_view kStyle = R"(</title>
<style>
:root { --ink: #1d2433; --soft: #5b6478; --ground: #f6f7f9; --card: #fff; --edge: #e2e5eb; --link: #0b7a75 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaf0; --soft: #9aa3b5; --ground: #12151c; --card: #1a1e28; --edge: #2a303d; --link: #4fd1c5 }
}
* { box-sizing: border-box }
body { margin: 0; padding: 2.5rem 1.25rem; background: var(--ground); color: var(--ink);
       font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto }
h1 { margin: 0 0 1.25rem; font-size: 1.375rem; font-weight: 600; overflow-wrap: anywhere }
h1 a { color: var(--soft); font-weight: 400 }
a { color: inherit; text-decoration: none }
a:hover, a:focus-visible { color: var(--link); text-decoration: underline }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--edge);
        border-radius: .625rem; overflow: hidden; border-spacing: 0 }
th, td { padding: .5rem 1rem; text-align: left; border-bottom: 1px solid var(--edge) }
tr:last-child td { border-bottom: 0 }
th { font-size: .8125rem; font-weight: 600; color: var(--soft); white-space: nowrap }
th:first-child { width: 100% }
td:first-child { overflow-wrap: anywhere }
td.folder a { font-weight: 600; color: var(--link) }
th:nth-child(2), td:nth-child(2) { text-align: right; white-space: nowrap }
td:nth-child(n+2) { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap }
tbody tr:hover { background: var(--ground) }
p { margin: .875rem 0 0; color: var(--soft); font-size: .875rem }
@media (max-width: 36rem) { th:nth-child(3), td:nth-child(3) { display: none } th, td { padding: .5rem .75rem } }
</style>
</head>
<body>
<main>
<h1>)";

/// Each step of the path as a link to it.
void append_way(std::string& out, std::string_view path) {
  std::size_t at = 0;
  for (std::size_t slash = 0; slash != path.npos; slash = path.find('/', at)) {
    const std::string_view here = path.substr(0, slash + 1);
    const std::string_view name = at == 0 ? "Home" : path.substr(at, slash - at);
    at = slash + 1;
    if (at == path.size()) {
      append_html(out, name);
    } else {
      out += "<a href=\"";
      append_path(out, here);
      out += "\">";
      append_html(out, name);
      out += " /</a> ";
    }
  }
}

void append_column(std::string& out, const ListingStyle& style, ListingStyle::By by, std::string_view word,
                   std::string_view title) {
  const bool current = style.by == by;
  const bool next_descending = current && !style.descending;
  out += fmt::format("<th{}><a href=\"?sort={}{}\">{}{}</a></th>",
                     !current           ? ""
                     : style.descending ? " aria-sort=\"descending\""
                                        : " aria-sort=\"ascending\"",
                     word, next_descending ? "&amp;order=desc" : "", title,
                     !current           ? ""
                     : style.descending ? " \xE2\x86\x93"
                                        : " \xE2\x86\x91");
}

void append_row(std::string& out, const Entry& e) {
  out += e.folder ? "<tr><td class=\"folder\"><a href=\"./" : "<tr><td><a href=\"./";
  append_path(out, e.name);
  out += e.folder ? "/\">" : "\">";
  append_html(out, e.name);
  out += e.folder ? "/</a></td><td>" : "</a></td><td>";
  if (!e.folder) out += size_text(e.size);
  out += "</td><td><time datetime=\"" + date_text(e.modified, "%Y-%m-%dT%H:%M:%SZ") + "\">" +
         date_text(e.modified, "%Y-%m-%d %H:%M") + "</time></td></tr>\n";
}

std::string make_page(const Entries& entries, std::string_view path, const ListingStyle& style) {
  std::string out;
  out.reserve(kHead.size() + kStyle.size() + 256 * (entries.shown.size() + 8));
  out += kHead;
  append_html(out, path);
  out += kStyle;
  append_way(out, path);
  out += "</h1>\n<table>\n<thead><tr>";
  append_column(out, style, ListingStyle::By::name, "name", "Name");
  append_column(out, style, ListingStyle::By::size, "size", "Size");
  append_column(out, style, ListingStyle::By::date, "date", "Modified (UTC)");
  out += "</tr></thead>\n<tbody>\n";
  if (path != "/") out += "<tr><td class=\"folder\"><a href=\"../\">../</a></td><td></td><td></td></tr>\n";
  for (const Entry& e : entries.shown) append_row(out, e);
  out += "</tbody>\n</table>\n";
  const auto folders = std::ranges::count_if(entries.shown, &Entry::folder);
  out += fmt::format("<p>{} folders, {} files", folders, std::ssize(entries.shown) - folders);
  if (entries.hidden != 0)
    out += fmt::format(", and {}{} more that are not shown", entries.hidden == kMostHidden ? "at least " : "",
                       entries.hidden);
  out += "</p>\n</main>\n</body>\n</html>\n";
  return out;
}

std::string make_json(const Entries& entries) {
  std::string out = "[";
  for (const Entry& e : entries.shown) {
    out += out.size() == 1 ? "\n  {\"name\": " : ",\n  {\"name\": ";
    append_json_string(out, e.name);
    out += e.folder ? ", \"type\": \"folder\"" : ", \"type\": \"file\", \"size\": " + std::to_string(e.size);
    out += ", \"modified\": \"" + date_text(e.modified, "%Y-%m-%dT%H:%M:%SZ") + "\"}";
  }
  out += "\n]\n";
  return out;
}

}  // namespace

ListingStyle listing_style(const http::Request& request) {
  ListingStyle style;
  bool html = false;
  for (const http::Field& f : request.fields) {
    if (f.name != "accept") continue;
    style.json = style.json || f.value.find("application/json") != f.value.npos;
    html = html || f.value.find("text/html") != f.value.npos;
  }
  style.json = style.json && !html;
  for (std::string_view rest = request.query; !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view word = rest.substr(0, end);
    if (word == "sort=size") style.by = ListingStyle::By::size;
    if (word == "sort=date") style.by = ListingStyle::By::date;
    if (word == "order=desc") style.descending = true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return style;
}

Result<std::string> list_folder(const RootFolder& root, const FilesConfig& rules, const std::string& path,
                                const ListingStyle& style) {
  const std::string folder = path.size() < 2 ? "" : path.substr(1, path.size() - 2);
  TRY(Entries entries, read_entries(root, rules, folder));
  sort_entries(entries.shown, style);
  return style.json ? make_json(entries) : make_page(entries, path, style);
}

}  // namespace sally::handler
