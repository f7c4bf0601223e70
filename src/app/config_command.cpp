#include "app/config_command.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "cert/chain_warnings.h"
#include "config/explain.h"
#include "config/nearest.h"
#include "config/toml.h"
#include "crypto/chain.h"
#include "gateway/settings.h"
#include "os/file.h"

namespace sally::app {
namespace {

using gateway::ListenAddress;
using gateway::PortConfig;
using gateway::PortProtocol;
using gateway::Settings;
using gateway::SiteConfig;

constexpr int kUsage = 64;  ///< EX_USAGE of sysexits(3)
constexpr std::size_t kPemLimitBytes = 1024 * 1024;
constexpr std::size_t kNarrowest = 40, kWidest = 120, kUsual = 80;

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
}

/// Loads a site's certificates as serving would; returns faults, appends warnings.
std::vector<std::string> certificate_faults(const SiteConfig& site, std::vector<std::string>& warnings) {
  std::vector<std::string> faults;
  for (const auto& [certificate, key] : site.certificates) {
    const auto certificate_text = read_file(certificate.string(), kPemLimitBytes);
    const auto key_text = read_file(key.string(), kPemLimitBytes);
    if (!certificate_text) faults.push_back(certificate_text.error().text());
    if (!key_text) faults.push_back(key_text.error().text());
    if (!certificate_text || !key_text) continue;
    const WallTime now = WallClock::now();
    const auto chain =
        crypto::load_chain({certificate.native(), as_bytes(std::string_view(certificate_text->text))},
                           {key.native(), as_bytes(std::string_view(key_text->text))}, now);
    if (!chain) {
      faults.push_back(chain.error().text());
      continue;
    }
    for (std::string& sentence : cert::chain_warnings(*chain, certificate.native(), site.names, now))
      warnings.push_back(std::move(sentence));
  }
  return faults;
}

std::string what_it_does(const SiteConfig& site) {
  if (site.files) return "files in " + site.files->root.string();
  if (site.redirect) return fmt::format("redirect {} to {}", site.redirect->status, site.redirect->to);
  if (site.proxy) return fmt::format("passed on to {} backends", site.proxy->to.size());
  if (site.respond) return fmt::format("answers {}", site.respond->status);
  return site.routes.empty() ? "lends its certificate" : "answers by its routes";
}

std::string whose_certificate(const SiteConfig& site, bool over_tls) {
  if (!over_tls) return "no TLS";
  if (site.certificates.empty()) return "certificate by the local CA";
  std::vector<std::string> names;
  for (const auto& pair : site.certificates) names.push_back(pair.certificate.string());
  return fmt::format("certificate {}", fmt::join(names, " and "));
}

void show_site(const Settings& settings, const SiteConfig& site, std::ostream& out) {
  std::vector<std::string> addresses;
  bool over_tls = false;
  for (const ListenAddress& address : site.listen) {
    const auto port = std::ranges::find(settings.ports, address, &PortConfig::address);
    const bool plain = port != settings.ports.end() && port->protocol == PortProtocol::http;
    const bool relayed = port != settings.ports.end() && port->protocol == PortProtocol::relayed;
    addresses.push_back(address.text() + (plain     ? " (plain http)"
                                          : relayed ? " (" + port->relay->speaks + ")"
                                                    : ""));
    over_tls = over_tls || !plain;
  }
  out << fmt::format("  {}{}\n    {}; {}\n    on {}\n", fmt::join(site.names, ", "),
                     site.fallback ? " and every other name" : "", what_it_does(site),
                     whose_certificate(site, over_tls), fmt::join(addresses, ", "));
}

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

}  // namespace

int config_check(std::string_view path, std::ostream& out, std::ostream& err) {
  const auto settings = Settings::load(path);
  if (!settings) {
    const Error& error = settings.error();
    err << error.detail()
        << (error.is(config::kUnreadable) ? fmt::format("; {}\n", error.kind().remedy) : "\n");
    const auto lines = std::ranges::count(error.detail(), '\n') + 1;
    err << fmt::format("{}: {}\n", path, counted(static_cast<std::size_t>(lines), "fault"));
    return 1;
  }
  std::vector<std::string> warnings = settings->warnings, faults;
  for (const SiteConfig& site : settings->sites)
    for (std::string& fault : certificate_faults(site, warnings)) faults.push_back(std::move(fault));
  for (const std::string& fault : faults) err << fault << "\n";
  if (!faults.empty()) {
    err << fmt::format("{}: {}\n", path, counted(faults.size(), "fault"));
    return 1;
  }
  out << fmt::format("{} is good: {}.\n", path, counted(settings->sites.size(), "site"));
  for (const SiteConfig& site : settings->sites) show_site(*settings, site, out);
  if (!settings->redirects.empty()) {
    std::vector<std::string> addresses;
    for (const ListenAddress& address : settings->redirects) addresses.push_back(address.text());
    out << fmt::format("  http on {} is redirected to https\n", fmt::join(addresses, ", "));
  }
  for (const std::string& warning : warnings) out << "warning: " << warning << "\n";
  return 0;
}

int config_explain(std::string_view key, ExplainForm form, std::ostream& out, std::ostream& err,
                   std::size_t width) {
  const config::Table& table = gateway::settings_table();
  const std::vector<config::Entry> found = config::entries(table, key);
  if (found.empty()) {
    const std::vector<std::string> names = config::known_names(table);
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string near = config::did_you_mean(key, views);
    err << fmt::format("sallyport: no key or block is named \"{}\"{}\n", key,
                       near.empty() ? "; `sallyport config explain` lists all of them" : near);
    return kUsage;
  }
  switch (form) {
    case ExplainForm::text:
      out << config::explain_text(found, width == 0 ? terminal_width() : std::max(width, kNarrowest));
      break;
    case ExplainForm::markdown:
      out << config::explain_markdown(found);
      break;
    case ExplainForm::json:
      out << config::explain_json(found);
      break;
  }
  return 0;
}

}  // namespace sally::app
