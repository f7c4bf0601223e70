// app/cert_command.h - `sallyport cert`: explain certificates, and make this machine trust the local CA.
#pragma once
#include <chrono>
#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace sally::app {

struct CertShowOptions {
  std::string target;  ///< a file, a host, host:port, or an https URL
  std::string name;    ///< the host name a client would ask for; empty: the target's own
  bool json = false;
  std::chrono::milliseconds patience{5000};  ///< for an endpoint
};

/// Prints what the certificate is. Returns 0 when clients will accept it, 1 when they will not or when it
/// could not be had.
int cert_show(const CertShowOptions& options, std::ostream& out, std::ostream& err);

struct CertTrustOptions {
  std::string data_folder;  ///< empty: the usual one
  bool system = true;       ///< the system store
  bool browsers = true;     ///< Chromium and Firefox of this user
};

/// Installs the local CA's root, which is made when there is none, and says for each store what was done.
/// Returns 0 when every store trusts it, else 1.
int cert_trust(const CertTrustOptions& options, std::ostream& out, std::ostream& err);

/// Removes it again; the files of the local CA stay. Returns 0 when no store has it, else 1.
int cert_untrust(const CertTrustOptions& options, std::ostream& out, std::ostream& err);

/// Adds `cert show`, `cert trust` and `cert untrust` to the command line; what runs puts its result into
/// `status`.
void add_cert_commands(CLI::App& app, int& status);

}  // namespace sally::app
