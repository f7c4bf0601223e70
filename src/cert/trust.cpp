#include "cert/trust.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert/nss_stores.h"
#include "os/child.h"
#include "os/file.h"

namespace sally::cert {
namespace {

constexpr ChildLimits kLimits{std::chrono::seconds(60), 16 * 1024};
constexpr std::size_t kLargestFile = 1 << 20;

bool is_folder(const std::string& path) {
  struct stat s {};
  return ::stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

std::string anchor_file(const SystemStore& store, const crypto::Certificate& root) {
  return fmt::format("{}/sallyport-local-ca-{}{}", store.anchors,
                     crypto::hex(root.fingerprint()).substr(0, 8), store.ending);
}

/// Runs the bundler; empty when it ended well, else why not.
std::string run_update(const std::vector<std::string>& command) {
  std::vector<std::string> arguments = command;
  if (const std::string path = find_program(command.front()); !path.empty()) arguments.front() = path;
  const auto end = run_program(arguments, kLimits);
  if (!end) return end.error().text();
  if (end->exit_code == 0) return {};
  return fmt::format("{} ended with {}: {}", fmt::join(command, " "), end->exit_code,
                     end->output.substr(0, 500));
}

std::string by_hand(const std::string& first, const std::vector<std::string>& command) {
  return fmt::format("needs root; run:\n  sudo {} && sudo {}", first, fmt::join(command, " "));
}

TrustReport trust_in_system(const crypto::Certificate& root, const std::string& root_file,
                            const SystemStore& store) {
  const std::string file = anchor_file(store, root);
  const auto present = read_file(file, kLargestFile);
  if (present && present->text == root.pem())
    return {store.title, TrustOutcome::already, "already in " + file};
  const auto written = write_file(file, as_bytes(root.pem()), 0644);
  if (!written && written.error().is(kNoPermission))
    return {store.title, TrustOutcome::failed,
            by_hand(fmt::format("install -m 644 {} {}", root_file, file), store.update)};
  if (!written) return {store.title, TrustOutcome::failed, written.error().text()};
  if (const std::string why = run_update(store.update); !why.empty()) {
    // A file that the next run takes for done would hide that the bundle lacks it.
    static_cast<void>(remove_file(file));
    return {store.title, TrustOutcome::failed, why};
  }
  return {store.title, TrustOutcome::done,
          fmt::format("added as {}; ran {}", file, fmt::join(store.update, " "))};
}

TrustReport untrust_in_system(const crypto::Certificate& root, const SystemStore& store) {
  const std::string file = anchor_file(store, root);
  const auto removed = remove_file(file);
  if (!removed && removed.error().is(kNoPermission))
    return {store.title, TrustOutcome::failed, by_hand("rm " + file, store.refresh)};
  if (!removed) return {store.title, TrustOutcome::failed, removed.error().text()};
  if (!*removed) return {store.title, TrustOutcome::already, "not in " + store.anchors};
  if (const std::string why = run_update(store.refresh); !why.empty())
    return {store.title, TrustOutcome::failed, why};
  return {store.title, TrustOutcome::done,
          fmt::format("removed {}; ran {}", file, fmt::join(store.refresh, " "))};
}

void append(std::vector<TrustReport>& all, std::vector<TrustReport> more) {
  for (TrustReport& one : more) all.push_back(std::move(one));
}

}  // namespace

std::optional<SystemStore> system_store() {
  const SystemStore known[] = {
      {"system store",
       "/etc/pki/ca-trust/source/anchors",
       ".pem",
       {"update-ca-trust", "extract"},
       {"update-ca-trust", "extract"}},
      {"system store",
       "/etc/ca-certificates/trust-source/anchors",
       ".crt",
       {"trust", "extract-compat"},
       {"trust", "extract-compat"}},
      {"system store",
       "/etc/pki/trust/anchors",
       ".pem",
       {"update-ca-certificates"},
       {"update-ca-certificates"}},
      {"system store",
       "/usr/local/share/ca-certificates",
       ".crt",
       {"update-ca-certificates"},
       {"update-ca-certificates", "--fresh"}},
  };
  for (const SystemStore& store : known)
    if (is_folder(store.anchors) && !find_program(store.update.front()).empty()) return store;
  return std::nullopt;
}

std::string trust_name(const crypto::Certificate& root) {
  return "Sallyport local CA " + crypto::hex(root.fingerprint()).substr(0, 8);
}

std::vector<TrustReport> trust(const crypto::Certificate& root, const std::string& root_file,
                               const TrustPlaces& places) {
  std::vector<TrustReport> out;
  if (places.system) out.push_back(trust_in_system(root, root_file, *places.system));
  if (!places.home.empty()) append(out, trust_in_nss(places.home, trust_name(root), root.pem()));
  return out;
}

std::vector<TrustReport> untrust(const crypto::Certificate& root, const TrustPlaces& places) {
  std::vector<TrustReport> out;
  if (places.system) out.push_back(untrust_in_system(root, *places.system));
  if (!places.home.empty()) append(out, untrust_in_nss(places.home, trust_name(root)));
  return out;
}

}  // namespace sally::cert
