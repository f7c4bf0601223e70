#include "handler/files_config.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/block.h"

namespace sally::handler {

using config::Block;
using config::Count;
using config::List;
using config::Map;
using config::Path;
using config::Size;
using config::Switch;
using config::Text;
using config::Words;

namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }
bool is_token(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string check_index(std::string_view name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos)
    return "must be the plain name of a file";
  return "";
}

/// An absolute path as in a URL, of one that is tried or shown for an error.
std::string check_page(std::string_view path) {
  if (!path.starts_with('/')) return "must begin with \"/\", the served folder";
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    if (rest.substr(0, end) == "..") return "must not leave the served folder";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return "";
}

std::string check_try(std::string_view path) {
  if (path.starts_with("{path}")) path.remove_prefix(6);
  if (path.empty()) return "";
  if (path.find_first_of("{}") != path.npos) return "\"{path}\" may only stand in front";
  // "{path}.html" is a path too.
  return check_page(path.starts_with('/') ? std::string(path) : "/" + std::string(path));
}

std::string check_try_entry(std::string_view path) {
  if (!path.starts_with("{path}") && !path.starts_with('/')) return "must begin with \"{path}\" or \"/\"";
  return check_try(path);
}

std::string check_extension(std::string_view extension) {
  if (extension.starts_with('.')) return "must be written without the dot";
  if (extension.empty() || !std::ranges::all_of(extension, is_visible) ||
      extension.find('/') != extension.npos)
    return "is no file extension";
  if (ascii_lower(extension) != extension) return "must be written in lower case";
  return "";
}

std::string check_media_type(std::string_view type) {
  const std::string_view essence = trim(type.substr(0, type.find(';')));
  const std::size_t slash = essence.find('/');
  const auto token = [](std::string_view t) { return !t.empty() && std::ranges::all_of(t, is_token); };
  const bool printable = std::ranges::all_of(type, [](char c) { return c == ' ' || is_visible(c); });
  if (slash == essence.npos || !printable || !token(essence.substr(0, slash)) ||
      !token(essence.substr(slash + 1)))
    return "is no media type such as \"text/plain\" (RFC 9110 8.3.1)";
  return "";
}

std::string check_cache_control(std::string_view value) {
  if (!std::ranges::all_of(value, [](char c) { return c == ' ' || is_visible(c); }))
    return "has characters that a field value cannot have";
  return "";
}

}  // namespace

const Block<FilesConfig>& FilesConfig::block() {
  using C = FilesConfig;
  static const Words<Coding> kCodings{{{"br", Coding::br}, {"zstd", Coding::zstd}, {"gzip", Coding::gzip}}};
  static const Words<Symlinks> kSymlinks{
      {{"none", Symlinks::none}, {"inside", Symlinks::inside}, {"all", Symlinks::all}}};
  static const Block<C> kBlock =
      Block<C>("The folder that a site serves. `files = \"/srv/www\"` is short for its root.")
          .key("root", &C::root, Path{}, "The folder; nothing outside of it can be reached.")
          .key("index", &C::index, List<Text>{{check_index, ""}, 0, 16},
               "Names that are looked for when a folder is asked for; the first that exists is sent.")
          .key("try", &C::try_paths, List<Text>{{check_try_entry, "\"{path}...\" or \"/...\""}, 0, 16},
               "Paths that are tried in this order. [\"{path}\", \"/index.html\"] serves a single-page "
               "application.")
          .key("listing", &C::listing, Switch{}, "Show what is in a folder that has no index.")
          .key("listing_entries", &C::listing_entries, Count{1, 100'000},
               "Most entries of a folder that a listing shows.")
          .key("errors", &C::errors, Map<Count, Text>{{400, 599}, {check_page, ""}},
               "Pages for error statuses: { 404 = \"/404.html\" }.")
          .key("precompressed", &C::precompressed, List<Words<Coding>>{kCodings, 0, 3},
               "Look for file.br, file.zst or file.gz beside the file and send it to clients that can read "
               "it.",
               "RFC 9110 8.4")
          .key("compress", &C::compress, Switch{}, "Compress text on the fly where no such file is there.",
               "RFC 9110 12.5.3")
          .key("compress_minimum", &C::compress_minimum, Size{0, kMiB}, "Smaller files are sent as they are.",
               "Traefik 1024, Caddy 512")
          .key("compress_maximum", &C::compress_maximum, Size{0, kGiB},
               "Larger files are sent as they are: compressing them anew for each request would cost too "
               "much.")
          .key("compress_streams", &C::compress_streams, Count{0, 1000},
               "Files too large for the cache that each worker compresses at the same time, at about 1 MiB "
               "each; "
               "more are sent as they are.")
          .key("symlinks", &C::symlinks, kSymlinks,
               "Symbolic links that are followed: none, those that lead inside the root, or all.",
               "openat2(2)")
          .key("dotfiles", &C::dotfiles, Switch{},
               "Serve names that begin with a dot, such as .git; /.well-known/ is always served.", "RFC 8615")
          .key("max_ranges", &C::max_ranges, Count{1, 1000},
               "Ranges of one request; one with more gets the whole file.", "RFC 9110 17.15")
          .key("cache_bytes", &C::cache_bytes, Size{0, 64 * kGiB, "no cache"},
               "Memory of each worker for the contents of small files, for all sites together: the largest "
               "value "
               "of all counts.")
          .key("cache_file_bytes", &C::cache_file_bytes, Size{0, 64 * kMiB},
               "Largest file that is kept in memory.")
          .key("types", &C::types, Map<Text, Text>{{check_extension, ""}, {check_media_type, ""}},
               "Media types by extension, beside the built-in ones: { wasm = \"application/wasm\" }.",
               "RFC 9110 8.3")
          .key("cache_control", &C::cache_control, Text{check_cache_control, ""},
               "Value of Cache-Control on files; empty: not sent.", "RFC 9111 5.2")
          .shorthand("root");
  return kBlock;
}

}  // namespace sally::handler
