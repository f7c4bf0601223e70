#include "gateway/path_fault.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "config/nearest.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntriesLookedAt = 1000;

/// "; did you mean "/srv/www"?" with what lies beside a path that is not there.
std::string neighbour(const fs::path& missing) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(missing.parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
    if (names.size() == kMostEntriesLookedAt) break;
  }
  std::ranges::sort(names);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view name = config::nearest(missing.filename().string(), views);
  return name.empty() ? "" : fmt::format("; did you mean \"{}\"?", (missing.parent_path() / name).string());
}

}  // namespace

std::string file_fault(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    return fmt::format("no such file \"{}\"{}", path.string(), neighbour(path));
  if (error) return fmt::format("\"{}\": {}", path.string(), error.message());
  if (fs::is_directory(status)) return fmt::format("\"{}\" is a folder, not a file", path.string());
  if (::access(path.c_str(), R_OK) != 0)
    return fmt::format("\"{}\": {}; let this account read it", path.string(), std::strerror(errno));
  return "";
}

std::string folder_fault(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    return fmt::format("no such folder \"{}\"{}", path.string(), neighbour(path));
  if (error) return fmt::format("\"{}\": {}", path.string(), error.message());
  if (!fs::is_directory(status)) return fmt::format("\"{}\" is a file, not a folder", path.string());
  if (::access(path.c_str(), R_OK | X_OK) != 0)
    return fmt::format("\"{}\": {}; let this account read it", path.string(), std::strerror(errno));
  return "";
}

}  // namespace sally::gateway
