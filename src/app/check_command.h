// app/check_command.h - `sallyport check`: is this endpoint sound; if not, why, and what to change.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sally::app {

struct CheckOptions {
  std::vector<std::string> targets;  ///< hosts, host:port, or URLs
  std::vector<std::string> ca;       ///< files of roots to trust beside the system's
  std::string protocol;              ///< of targets that name none; empty: by the port
  std::string format = "text";       ///< a name of check::format_names()
  std::string fail_on = "high";      ///< the least severity that makes the exit status 1
  std::string output;                ///< a file; empty: standard output
  std::string baseline;              ///< a report in JSON whose findings are no news; empty: none
  std::string policy;                ///< a file of what must hold; empty: none
  std::string mend_for;              ///< a name of check::mendable_software(); empty: what was seen
  std::string connect_to;            ///< a numeric address to connect to instead of the name's
  std::string targets_file;          ///< more targets, one a line; "-": standard input; empty: none
  std::string sni;                   ///< the name to ask for instead of the target's; empty: the target's
  std::vector<std::string> resolve;  ///< HOST:PORT:ADDRESS
  std::string proxy, proxy_login;    ///< a URL; a file with user:password; empty: none
  std::string client_certificate, client_key;  ///< files; without a key it is in the certificate's file
  std::string user, password_file, identity;   ///< of SSH servers; files
  std::optional<std::uint16_t> http_port;
  unsigned timeout_seconds = 60;                  ///< for one address
  unsigned connections = 250;                     ///< to one address
  std::size_t page_bytes = std::size_t{1} << 20;  ///< of a page that are read
  unsigned parallel = 0;                          ///< targets at once; 0: 16 with targets_file, else one
  unsigned host_connections = 40,
           host_rate = 0;  ///< to one address of all targets: at once; in a second, 0: no limit
  bool all = false, one_address = false, quick = false;
  std::size_t crl_bytes = std::size_t{8} << 20;  ///< of a CRL that are read
  std::string resolver;            ///< address of a DNS server to ask and to trust; empty: the system's
  unsigned mail_hosts_limit = 16;  ///< MX hosts of one domain
  bool no_revocation = false;
  bool mail_hosts = false;  ///< targets of smtp are domains
  bool resume = false;      ///< go on behind what `output` holds
};

/// Returns the exit status: 0 nothing at or above fail_on, 1 findings, 2 something could not be tested, 64
/// usage.
int check_endpoints(const CheckOptions& options, std::ostream& out, std::ostream& err);

/// Adds `check` to the command line; what runs puts its result into `status`.
void add_check_command(CLI::App& app, int& status);

}  // namespace sally::app
