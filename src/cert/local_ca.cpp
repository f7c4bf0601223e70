#include "cert/local_ca.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "base/ascii.h"
#include "crypto/host_match.h"
#include "crypto/issue.h"

namespace sally::cert {
namespace {

using crypto::Certificate;
using crypto::PrivateKey;
using std::chrono::days;
using std::chrono::hours;

constexpr days kRootLife{3652};
constexpr days kLeafLife{90};
constexpr hours kClockSlack{1};  // the other machine's clock may be behind
constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::size_t kLongestCommonName = 64;  // RFC 5280 A.1, ub-common-name
constexpr std::string_view kRootTitle = "Sallyport local CA ";

struct Root {
  Certificate certificate;
  PrivateKey key;
  bool made = false;
};

std::string root_file(const std::string& folder) { return folder + "/root.pem"; }
std::string key_file(const std::string& folder) { return folder + "/root.key"; }

std::string day(WallTime when) { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(WallClock::to_time_t(when))); }

std::unexpected<Error> broken(const std::string& path, Error cause) {
  return std::unexpected(fail(kLocalCaBroken, path).error().because(std::move(cause)));
}

Result<Root> make_root(const LocalCaPlan& plan) {
  TRY(const PrivateKey key, PrivateKey::generate(crypto::NewKey::p256));
  crypto::CertificateDraft draft;
  draft.common_name = (std::string(kRootTitle) + plan.owner).substr(0, kLongestCommonName);
  draft.organization = "Sallyport development";
  draft.not_before = plan.now - kClockSlack;
  draft.not_after = plan.now + kRootLife;
  draft.is_ca = true;
  draft.path_length = 0;
  TRY(const Certificate certificate, crypto::issue(draft, key, {nullptr, key}));
  TRY(const std::string pem, key.pem());
  // The key first: a root without its key would look finished, a key without its root does not.
  TRY_VOID(write_file(key_file(plan.folder), as_bytes(pem), 0600));
  TRY_VOID(write_file(root_file(plan.folder), as_bytes(certificate.pem()), 0644));
  return Root{certificate, key, true};
}

/// nullopt when there is none, or only a part of one.
Result<std::optional<Root>> load_root(const std::string& folder, std::vector<std::string>& notes) {
  TRY(const bool has_key, secure_file(key_file(folder), notes));
  auto certificate = local_root(folder);
  if (!certificate && !certificate.error().is(kNotFound))
    return broken(root_file(folder), std::move(certificate).error());
  if (!certificate || !has_key) {
    if (certificate)
      notes.push_back(
          fmt::format("{} was missing, so a new root is made; run: sallyport cert trust", key_file(folder)));
    return std::nullopt;
  }
  TRY(const FileText text, read_file(key_file(folder), kLargestFile));
  auto key = PrivateKey::from_pem(as_bytes(text.text));
  if (!key) return broken(key_file(folder), std::move(key).error());
  if (!key->matches(*certificate))
    return fail(kLocalCaBroken, "root.key does not belong to root.pem in " + folder);
  if (!certificate->is_ca()) return fail(kLocalCaBroken, root_file(folder) + " is no CA certificate");
  return Root{*std::move(certificate), *std::move(key), false};
}

Result<Root> root_for(const LocalCaPlan& plan, std::vector<std::string>& notes) {
  TRY(auto found, load_root(plan.folder, notes));
  if (found && found->certificate.not_after() >= plan.now + kLeafLife) {
    if (plan.now < found->certificate.not_before())
      notes.push_back(fmt::format("the local CA is valid only from {}: set this machine's clock",
                                  day(found->certificate.not_before())));
    return *std::move(found);
  }
  if (found)
    notes.push_back(
        fmt::format("the local CA ends on {}, so a new one is made", day(found->certificate.not_after())));
  TRY(Root made, make_root(plan));
  notes.push_back(fmt::format("made the local CA \"{}\" in {}", made.certificate.common_name(), plan.folder));
  return made;
}

WallTime renewal_of(const Certificate& leaf) {
  return leaf.not_after() - (leaf.not_after() - leaf.not_before()) / 3;
}

bool has_exactly(const Certificate& leaf, const std::vector<std::string>& names) {
  const crypto::SubjectNames present = leaf.names();
  return present.dns.size() + present.addresses.size() == names.size() &&
         std::ranges::all_of(names, [&](const std::string& name) {
           return std::ranges::find(present.dns, name) != present.dns.end() || leaf.covers(name);
         });
}

/// The leaf in `path` if it serves; a note says why an existing one does not.
std::optional<crypto::CertificateChain> usable_leaf(const std::string& path, const Root& root,
                                                    const LocalCaPlan& plan,
                                                    const std::vector<std::string>& names,
                                                    std::vector<std::string>& notes) {
  const auto file = read_file(path, kLargestFile);
  if (!file && file.error().is(kNotFound)) return std::nullopt;
  const auto again = [&](std::string why) {
    notes.push_back(fmt::format("{}: {}, so a new certificate is made", path, why));
    return std::nullopt;
  };
  if (!file) return again(file.error().text());
  const crypto::NamedBytes bytes{path, as_bytes(file->text)};
  auto chain = crypto::load_chain(bytes, bytes, plan.now);
  if (!chain) return again("it cannot be read");
  if (!chain->leaf.is_signed_by(root.certificate)) return again("it is by another CA");
  if (!has_exactly(chain->leaf, names)) return again("it has other names");
  if (plan.now >= renewal_of(chain->leaf)) return again("it ends on " + day(chain->leaf.not_after()));
  if (plan.now < chain->leaf.not_before()) return again("it is not valid yet");
  return *std::move(chain);
}

Result<crypto::CertificateChain> make_leaf(const std::string& path, const Root& root, WallTime now,
                                           const std::vector<std::string>& names) {
  TRY(const PrivateKey key, PrivateKey::generate(crypto::NewKey::p256));
  crypto::CertificateDraft draft;
  draft.common_name = "Sallyport development certificate";
  draft.names = names;
  draft.not_before = now - kClockSlack;
  draft.not_after = std::min<WallTime>(now + kLeafLife, root.certificate.not_after());
  TRY(const Certificate leaf, crypto::issue(draft, key, {&root.certificate, root.key}));
  TRY(const std::string key_pem, key.pem());
  TRY_VOID(write_file(path, as_bytes(leaf.pem() + key_pem), 0600));
  return crypto::CertificateChain{leaf, {}, key, {}};
}

std::string leaf_file(const std::string& folder, const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += name + "\n";
  return folder + "/leaf-" + crypto::hex(crypto::sha256(all)).substr(0, 16) + ".pem";
}

}  // namespace

std::string local_ca_folder(const std::string& data_folder) { return data_folder + "/local-ca"; }

std::string local_owner() {
  char host[HOST_NAME_MAX + 1] = {};
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const passwd* user = ::getpwuid(::geteuid());
  std::string out = user ? user->pw_name : fmt::format("user {}", ::geteuid());
  out += "@";
  out += host[0] ? host : "localhost";
  for (char& c : out)
    if (c <= 0x20 || c >= 0x7f) c = '_';
  return out;
}

std::vector<std::string> local_names(const std::vector<std::string>& asked) {
  std::vector<std::string> out = {"localhost", "*.localhost", "127.0.0.1", "::1"};
  for (const std::string& one : asked) {
    std::string name = ascii_lower(one);
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    if (name.ends_with('.')) name.pop_back();
    if (std::ranges::find(out, name) == out.end()) out.push_back(std::move(name));
  }
  return out;
}

Result<Certificate> local_root(const std::string& folder) {
  TRY(const FileText file, read_file(root_file(folder), kLargestFile));
  TRY(const auto all, crypto::parse_certificates(as_bytes(file.text)));
  return all.front();
}

Result<Certificate> local_root_made(const LocalCaPlan& plan) {
  std::vector<std::string> notes;
  TRY_VOID(secure_folder(plan.folder, notes));
  TRY(const Fd lock, lock_folder(plan.folder));
  TRY(const Root root, root_for(plan, notes));
  return root.certificate;
}

Result<LocalCertificate> local_certificate(const LocalCaPlan& plan) {
  std::vector<std::string> notes;
  TRY_VOID(secure_folder(plan.folder, notes));
  TRY(const Fd lock, lock_folder(plan.folder));
  TRY(const Root root, root_for(plan, notes));

  const std::vector<std::string> names = local_names(plan.names);
  const std::string path = leaf_file(plan.folder, names);
  TRY_VOID(secure_file(path, notes));
  auto chain = usable_leaf(path, root, plan, names, notes);
  const bool made_leaf = !chain;
  if (made_leaf) {
    TRY(chain, make_leaf(path, root, plan.now, names));
    notes.push_back(fmt::format("made a certificate for {} until {}", fmt::join(names, ", "),
                                day(chain->leaf.not_after())));
  }
  const WallTime renew_at = renewal_of(chain->leaf);
  return LocalCertificate{*std::move(chain), root_file(plan.folder), path, root.made, made_leaf,
                          renew_at,          std::move(notes)};
}

}  // namespace sally::cert
