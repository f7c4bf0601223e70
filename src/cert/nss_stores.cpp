#include "cert/nss_stores.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "os/child.h"
#include "os/file.h"

namespace sally::cert {
namespace {

namespace fs = std::filesystem;

constexpr ChildLimits kLimits{std::chrono::seconds(60), 4096};

bool has_database(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "cert9.db", ignored);
}

/// Direct subfolders, sorted, at most 100; none when the folder cannot be read.
std::vector<fs::path> folders_in(const fs::path& parent) {
  constexpr std::size_t kMost = 100;
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(parent, error), end; !error && it != end && out.size() < kMost;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored)) out.push_back(it->path());
  }
  std::ranges::sort(out);
  return out;
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

/// One certutil call on a database; empty when it ended well, else why not.
std::string certutil(const std::string& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "certutil");
  arguments.insert(arguments.end(), {"-d", "sql:" + folder});
  const auto end = run_program(arguments, kLimits);
  if (!end) return end.error().text();
  if (end->exit_code == 0) return {};
  const std::string said = last_line(end->output);
  return said.empty() ? fmt::format("certutil ended with {}", end->exit_code) : said;
}

std::string make_database(const std::string& folder) {
  if (const auto made = make_folders(folder, 0700); !made) return made.error().text();
  return certutil(folder, {"-N", "--empty-password"});
}

bool is_there(const NssStore& store, const std::string& name) {
  return certutil(store.folder, {"-L", "-n", name}).empty();
}

/// certutil reads the certificate from a file only.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    const char* folder = ::getenv("TMPDIR");
    path_ = std::string(folder && folder[0] == '/' ? folder : "/tmp") + "/sallyport-root-XXXXXX";
    const Fd fd(::mkstemp(path_.data()));
    written_ = fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  bool written() const { return written_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool written_ = false;
};

TrustReport trust_in(const NssStore& store, const std::string& name, const std::string& pem_file) {
  if (!has_database(store.folder))
    if (const std::string why = make_database(store.folder); !why.empty())
      return {store.title, TrustOutcome::failed,
              fmt::format("no database could be made in {}: {}", store.folder, why)};
  if (is_there(store, name)) return {store.title, TrustOutcome::already, "already in " + store.folder};
  // "C,,": trusted to vouch for servers, and for nothing else.
  if (const std::string why = certutil(store.folder, {"-A", "-n", name, "-t", "C,,", "-i", pem_file});
      !why.empty())
    return {store.title, TrustOutcome::failed, fmt::format("{}: {}", store.folder, why)};
  return {store.title, TrustOutcome::done, "added to " + store.folder};
}

TrustReport untrust_in(const NssStore& store, const std::string& name) {
  if (!has_database(store.folder) || !is_there(store, name))
    return {store.title, TrustOutcome::already, "not in " + store.folder};
  if (const std::string why = certutil(store.folder, {"-D", "-n", name}); !why.empty())
    return {store.title, TrustOutcome::failed, fmt::format("{}: {}", store.folder, why)};
  return {store.title, TrustOutcome::done, "removed from " + store.folder};
}

/// Why nothing can be done below `home`; empty when it can.
std::string obstacle(const std::string& home) {
  struct stat s {};
  if (::stat(home.c_str(), &s) != 0) return fmt::format("{}: {}", home, errno_text(errno));
  // Files of root in a user's profile would lock the browser out.
  if (s.st_uid != ::geteuid())
    return fmt::format("{} belongs to another user; run this as that user, without sudo", home);
  if (find_program("certutil").empty())
    return "certutil is missing; install it (Debian: libnss3-tools, Fedora: nss-tools, Arch: nss) and run "
           "this again";
  return {};
}

}  // namespace

std::vector<NssStore> nss_stores(const std::string& home) {
  const fs::path top(home);
  std::vector<NssStore> out = {{"Chromium", (top / ".pki/nssdb").string()}};
  const auto add_if_there = [&](const std::string& title, const fs::path& folder) {
    if (has_database(folder)) out.push_back({title, folder.string()});
  };
  add_if_there("Chromium", top / ".local/share/pki/nssdb");
  add_if_there("Chromium (snap)", top / "snap/chromium/current/.pki/nssdb");
  for (const fs::path& app : folders_in(top / ".var/app"))
    add_if_there("flatpak " + app.filename().string(), app / ".pki/nssdb");
  for (const char* profiles :
       {".mozilla/firefox", ".config/mozilla/firefox", "snap/firefox/common/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/.mozilla/firefox"})
    for (const fs::path& profile : folders_in(top / profiles))
      add_if_there("Firefox (" + profile.filename().string() + ")", profile);
  return out;
}

std::vector<TrustReport> trust_in_nss(const std::string& home, const std::string& name,
                                      const std::string& pem) {
  if (const std::string why = obstacle(home); !why.empty()) return {{"browsers", TrustOutcome::failed, why}};
  const TemporaryFile file(pem);
  if (!file.written()) return {{"browsers", TrustOutcome::failed, "cannot write " + file.path()}};
  std::vector<TrustReport> out;
  for (const NssStore& store : nss_stores(home)) out.push_back(trust_in(store, name, file.path()));
  return out;
}

std::vector<TrustReport> untrust_in_nss(const std::string& home, const std::string& name) {
  if (const std::string why = obstacle(home); !why.empty()) return {{"browsers", TrustOutcome::failed, why}};
  std::vector<TrustReport> out;
  for (const NssStore& store : nss_stores(home)) out.push_back(untrust_in(store, name));
  return out;
}

}  // namespace sally::cert
