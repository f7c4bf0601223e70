#include "handler/find_file.h"

#include <algorithm>

#include "handler/accept_encoding.h"

namespace sally::handler {
namespace {

/// Copying a folder gives files the time at which each was copied, in any order.
constexpr std::int64_t kCopyingNs = 2'000'000'000;

/// Opens `path` and notes what was there.
Result<Opened> look(const RootFolder& root, const std::string& path, Patience patience, Found& found) {
  TRY(Opened opened, root.open(path, patience));
  found.seen.emplace_back(path, opened.fd ? std::optional(opened.stamp) : std::nullopt);
  found.plain_way = found.plain_way && opened.plain_way;
  if (opened.kind == Opened::Kind::must_wait) found.kind = Found::Kind::must_wait;
  if (opened.kind == Opened::Kind::forbidden) found.kind = Found::Kind::forbidden;
  return opened;
}

Result<> find_siblings(const RootFolder& root, const FilesConfig& rules, Patience patience, Found& found) {
  for (const Coding coding : rules.precompressed) {
    const std::string path = found.path + std::string(coding_suffix(coding));
    TRY(Opened sibling, look(root, path, patience, found));
    if (found.kind == Found::Kind::must_wait) return {};
    // One that is older was made from another state of the file.
    if (sibling.is_file() && sibling.stamp.modified_ns + kCopyingNs >= found.file.stamp.modified_ns)
      found.siblings[static_cast<std::size_t>(coding)] = std::move(sibling);
  }
  found.kind = Found::Kind::file;  // whatever a sibling was
  return {};
}

/// The first index that is there.
Result<> find_index(const RootFolder& root, const FilesConfig& rules, const std::string& folder,
                    Patience patience, Found& found) {
  for (const std::string& name : rules.index) {
    const std::string path = folder.empty() ? name : folder + "/" + name;
    TRY(Opened opened, look(root, path, patience, found));
    if (found.kind == Found::Kind::must_wait || found.kind == Found::Kind::forbidden) return {};
    if (!opened.is_file()) continue;
    found.path = path;
    found.file = std::move(opened);
    return find_siblings(root, rules, patience, found);
  }
  found.kind = Found::Kind::folder;
  found.path = folder;
  return {};
}

}  // namespace

bool is_unchanged(const RootFolder& root, const Seen& seen) {
  return std::ranges::all_of(seen, [&](const auto& s) { return root.stamp(s.first) == s.second; });
}

Result<Found> find_file(const RootFolder& root, const FilesConfig& rules, const std::string& path,
                        Patience patience) {
  Found found;
  const bool wants_folder = path.ends_with('/');
  found.path = path.substr(1, path.size() - (wants_folder && path.size() > 1 ? 2 : 1));
  TRY(Opened opened, look(root, found.path, patience, found));
  if (opened.kind == Opened::Kind::folder) {
    found.kind = Found::Kind::needs_slash;
    if (!wants_folder) return found;
    // What else happens in a folder does not change its index.
    found.seen.clear();
    TRY_VOID(find_index(root, rules, found.path, patience, found));
  } else if (opened.kind == Opened::Kind::file && !wants_folder) {
    found.file = std::move(opened);
    TRY_VOID(find_siblings(root, rules, patience, found));
  }
  return found;
}

}  // namespace sally::handler
