#include "app/cert_command.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <ostream>

#include "app/terminal.h"
#include "cert/describe.h"
#include "cert/fetch.h"
#include "cert/local_ca.h"
#include "cert/trust.h"
#include "os/file.h"
#include "os/folders.h"
#include "os/signals.h"

namespace sally::app {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

/// "server.pem" and "./x" are files even when they do not exist, so that a typing error is told as such.
bool means_file(const std::string& target) {
  if (target.contains("://")) return false;
  struct stat s {};
  if (::stat(target.c_str(), &s) == 0 || target.contains('/')) return true;
  for (const char* ending : {".pem", ".crt", ".cer", ".der"})
    if (target.ends_with(ending)) return true;
  return false;
}

Result<cert::Shown> from_file(const CertShowOptions& options) {
  TRY(const FileText file, read_file(options.target, kLargestFile));
  auto certificates = crypto::parse_certificates(as_bytes(file.text));
  if (!certificates)
    return std::unexpected(
        fail(crypto::kChainUnusable, options.target).error().because(std::move(certificates).error()));
  return cert::Shown{options.target, *std::move(certificates), options.name, std::nullopt};
}

Result<cert::Shown> from_endpoint(const CertShowOptions& options) {
  TRY(const cert::Endpoint endpoint, cert::parse_endpoint(options.target));
  TRY(cert::Fetched fetched, cert::fetch_certificates(endpoint, options.patience));
  const std::string host = endpoint.host.contains(':') ? "[" + endpoint.host + "]" : endpoint.host;
  return cert::Shown{fmt::format("{}:{}", host, endpoint.port), std::move(fetched.certificates),
                     options.name.empty() ? endpoint.host : options.name, std::move(fetched.handshake)};
}

std::string home_folder() {
  if (const char* home = std::getenv("HOME"); home && home[0] == '/') return home;
  const passwd* user = ::getpwuid(::geteuid());
  return user ? user->pw_dir : "";
}

Result<std::string> ca_folder(const CertTrustOptions& options) {
  if (!options.data_folder.empty()) return cert::local_ca_folder(options.data_folder);
  TRY(const std::string folder, data_folder());
  return cert::local_ca_folder(folder);
}

cert::TrustPlaces places_for(const CertTrustOptions& options) {
  return {options.system ? cert::system_store() : std::nullopt, options.browsers ? home_folder() : ""};
}

/// Prints one line for each store; the exit status.
int print(const std::vector<cert::TrustReport>& reports, std::string_view wish, std::ostream& out) {
  const Terminal terminal = Terminal::of_stdout();
  bool all_well = true;
  for (const cert::TrustReport& one : reports) {
    const bool failed = one.outcome == cert::TrustOutcome::failed;
    all_well &= !failed;
    const std::string mark = failed                                    ? terminal.red("not done")
                             : one.outcome == cert::TrustOutcome::done ? "done"
                                                                       : "as it was";
    out << fmt::format("  {}: {}: {}\n", one.store, mark, one.text);
  }
  if (!reports.empty() && all_well) out << fmt::format("{} Restart browsers that are open.\n", wish);
  return all_well ? 0 : 1;
}

void advise_without_system_store(const CertTrustOptions& options, const std::string& root_file,
                                 std::ostream& out) {
  if (!options.system || cert::system_store()) return;
  out << "  system store: none that is known here. By hand on macOS:\n"
      << "    sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain "
      << root_file << "\n"
      << "  On Debian and its kin install the package ca-certificates and run this again.\n";
}

}  // namespace

int cert_show(const CertShowOptions& options, std::ostream& out, std::ostream& err) {
  ignore_broken_pipes();
  auto shown = means_file(options.target) ? from_file(options) : from_endpoint(options);
  if (!shown) return tell(err, shown.error());
  auto roots = cert::system_roots();
  if (!roots) {
    err << "sallyport: trust is judged without a system store: " << roots.error().text() << "\n";
    roots = crypto::TrustStore::of({});
    if (!roots) return tell(err, roots.error());
  }
  std::optional<crypto::Certificate> local;
  if (const auto folder = ca_folder({}))
    if (auto root = cert::local_root(*folder)) local = *std::move(root);
  const cert::Description description =
      cert::describe(*std::move(shown), {*roots, local ? &*local : nullptr, WallClock::now()});
  out << (options.json ? cert::description_json(description) : cert::description_text(description))
      << std::flush;
  return description.acceptable() ? 0 : 1;
}

int cert_trust(const CertTrustOptions& options, std::ostream& out, std::ostream& err) {
  const auto folder = ca_folder(options);
  if (!folder) return tell(err, folder.error());
  const auto root = cert::local_root_made({*folder, {}, cert::local_owner(), WallClock::now()});
  if (!root) return tell(err, root.error());
  const std::string root_file = *folder + "/root.pem";
  out << fmt::format("Trusting \"{}\" ({})\n", root->common_name(), root_file);
  const int status =
      print(cert::trust(*root, root_file, places_for(options)), "Local certificates are trusted now.", out);
  advise_without_system_store(options, root_file, out);
  return status;
}

int cert_untrust(const CertTrustOptions& options, std::ostream& out, std::ostream& err) {
  const auto folder = ca_folder(options);
  if (!folder) return tell(err, folder.error());
  const auto root = cert::local_root(*folder);
  if (!root && root.error().is(kNotFound)) {
    out << "There is no local CA in " << *folder << ", so nothing to remove.\n";
    return 0;
  }
  if (!root) return tell(err, root.error());
  out << fmt::format("No longer trusting \"{}\"\n", root->common_name());
  const int status =
      print(cert::untrust(*root, places_for(options)), "Local certificates are no longer trusted.", out);
  out << fmt::format("The CA itself stays in {}; remove that folder to be rid of it.\n", *folder);
  return status;
}

void add_cert_commands(CLI::App& app, int& status) {
  CLI::App* const certs =
      app.add_subcommand("cert", "Explain certificates; trust the local CA on this machine");
  certs->require_subcommand(1);

  CLI::App* const show =
      certs->add_subcommand("show", "Explain a certificate file or the certificate of an endpoint");
  const auto shown = std::make_shared<CertShowOptions>();
  show->add_option("target", shown->target, "FILE, HOST, HOST:PORT or https URL")->required();
  show->add_option("--name", shown->name, "Host name that must be covered (default: the endpoint's)");
  show->add_flag("--json", shown->json, "For programs");
  show->callback([shown, &status] { status = cert_show(*shown, std::cout, std::cerr); });

  const auto add = [&](const char* name, const char* help,
                       int (*run)(const CertTrustOptions&, std::ostream&, std::ostream&)) {
    CLI::App* const c = certs->add_subcommand(name, help);
    const auto o = std::make_shared<CertTrustOptions>();
    const auto only_system = std::make_shared<bool>(false), only_browsers = std::make_shared<bool>(false);
    c->add_option("--data-folder", o->data_folder, "Folder that holds local-ca/ (default: the user's)");
    CLI::Option* const first = c->add_flag("--system-only", *only_system, "Leave browsers alone");
    c->add_flag("--browsers-only", *only_browsers, "Leave the system store alone")->excludes(first);
    c->callback([o, only_system, only_browsers, run, &status] {
      o->browsers = !*only_system;
      o->system = !*only_browsers;
      status = run(*o, std::cout, std::cerr);
    });
  };
  add("trust", "Make this machine and its browsers trust the local CA", cert_trust);
  add("untrust", "Remove the local CA from where `trust` put it", cert_untrust);
}

}  // namespace sally::app
