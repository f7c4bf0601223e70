#include "app/serve_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <ostream>

#include "app/terminal.h"
#include "gateway/server.h"
#include "os/handover.h"

namespace sally::app {
namespace {

std::string address_of(const gateway::Server& server, const gateway::SiteConfig& site,
                       const std::string& name) {
  for (const gateway::OpenPort& port : server.ports()) {
    if (port.redirects || port.config.protocol == gateway::PortProtocol::relayed ||
        std::ranges::find(site.listen, port.asked) == site.listen.end())
      continue;
    const bool secure = port.config.protocol == gateway::PortProtocol::https;
    const std::uint16_t usual = secure ? 443 : 80, actual = port.config.address.port;
    const std::string host = name.contains(':') ? "[" + name + "]" : name;
    return fmt::format("{}://{}{}", secure ? "https" : "http", host,
                       actual == usual ? "" : ":" + std::to_string(actual));
  }
  return name;
}

std::string what_of(const gateway::SiteConfig& site) {
  if (site.files) return "files of " + site.files->root.string();
  if (site.proxy) {
    std::vector<std::string> backends;
    for (const auto& member : site.proxy->to) backends.push_back(member.address);
    return fmt::format("what {} answers", fmt::join(backends, ", "));
  }
  if (site.redirect) return "redirects to " + site.redirect->to;
  if (site.respond || !site.routes.empty()) return "one answer for every request";
  return "no requests, its certificate only";
}

std::string backends_of(const gateway::RelayTarget& target) {
  std::vector<std::string> all;
  for (const auto& member : target.to) all.push_back(member.address);
  return fmt::format("{}", fmt::join(all, ", "));
}

/// What a port carries beside the web, or in its place.
void greet_port(const gateway::OpenPort& port, std::ostream& out) {
  const gateway::RelayConfig& relay = *port.config.relay;
  if (relay.terminates())
    out << fmt::format("  {} on {} goes to {}\n", relay.speaks, port.text, backends_of(relay));
  for (const gateway::PassRule& rule : relay.pass)
    out << fmt::format("  {} on {} goes to {} as it is\n", fmt::join(rule.names, ", "), port.text,
                       backends_of(rule));
  if (relay.share && relay.share->ssh)
    out << fmt::format("  ssh on {} goes to {}\n", port.text, backends_of(*relay.share->ssh));
  if (relay.share && relay.share->sstp)
    out << fmt::format("  sstp on {} goes to {}\n", port.text, backends_of(*relay.share->sstp));
  if (relay.share && relay.share->openvpn)
    out << fmt::format("  openvpn on {} goes to {}\n", port.text, backends_of(*relay.share->openvpn));
}

void greet_datagrams(const gateway::OpenDatagrams& port, std::ostream& out) {
  std::vector<std::string> all;
  for (const auto& member : port.config->to) all.push_back(member.address);
  out << fmt::format("  {} on UDP {} goes to {} as it is\n", port.config->protocol(), port.text,
                     fmt::join(all, ", "));
}

void greet(const gateway::Server& server, const Terminal& t, std::ostream& out) {
  const gateway::Settings& settings = server.settings();
  for (std::size_t i = 0; i < settings.sites.size(); ++i) {
    const gateway::SiteConfig& site = settings.sites[i];
    for (const std::string& name : site.names) {
      if (&name - site.names.data() >= 3) break;  // the rest is in the configuration
      out << "  " << t.strong(address_of(server, site, name)) << "\n";
    }
    out << "    serves       " << what_of(site) << "\n";
    out << "    certificate  " << server.certificates().describe(i) << "\n";
  }
  for (const gateway::OpenPort& port : server.ports())
    if (port.config.relay) greet_port(port, out);
  for (const gateway::OpenDatagrams& port : server.datagrams()) greet_datagrams(port, out);
  for (const gateway::OpenPort& port : server.ports())
    if (port.redirects) out << "  http on " << port.text << " redirects to https\n";
  if (const cert::LocalCertificate* local = server.certificates().local()) {
    out << "  " << (local->made_root ? "A local CA was made for this machine. " : "") << "To trust it:\n";
    out << "    browsers     sallyport cert trust\n";
    out << "    curl         curl --cacert " << local->root_file << "\n";
  }
  for (const std::string& address : server.admin_addresses())
    out << "  metrics        http://" << address << "/metrics and /health\n";
  out << "  access log     "
      << (settings.log.access.empty()  ? "off (log.access)"
          : settings.log.access == "-" ? "standard output"
                                       : settings.log.access)
      << "\n";
  out << "  error log      " << (settings.log.error == "-" ? "standard error" : settings.log.error) << "\n";
  out << fmt::format("  workers        {}\n", settings.workers);
  out << t.faint("Ctrl-C drains and ends.") << "\n" << std::flush;
}

Result<gateway::Settings> settings_of(const ServeOptions& options) {
  if (!options.to.empty()) return gateway::Settings::for_backend(options.to, options.flags);
  if (!options.folder.empty()) return gateway::Settings::for_folder(options.folder, options.flags);
  return gateway::Settings::load(options.config, options.flags);
}

}  // namespace

int serve(const ServeOptions& options, std::ostream& out, std::ostream& err) {
  auto taken = Predecessor::here();
  if (!taken) return tell(err, taken.error());
  gateway::ServerOrigin origin;
  if (*taken) origin.before = std::make_shared<Predecessor>(**std::move(taken));
  const auto refuse = [&err, before = origin.before](const Error& why) {
    if (before) before->fail_with(words_of(why));
    return tell(err, why);
  };
  origin.is_file = options.folder.empty() && options.to.empty();
  const std::string& named = options.to.empty() ? options.folder : options.to.front();
  origin.source = std::filesystem::absolute(origin.is_file ? options.config : named);
  origin.load = [options] { return settings_of(options); };
  origin.arguments = options.arguments;
  std::error_code unknown;
  origin.program = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
  auto settings = origin.load();
  if (!settings) return refuse(settings.error());
  auto server = gateway::Server::make(*std::move(settings), std::move(origin));
  if (!server) return refuse(server.error());
  if (!options.quiet) {
    const Terminal terminal = Terminal::of_stdout();
    out << terminal.strong("sallyport " SALLY_VERSION) << " serves\n";
    greet(**server, terminal, out);
  }
  if (const auto ended = (*server)->run(); !ended) return tell(err, ended.error());
  return 0;
}

}  // namespace sally::app
