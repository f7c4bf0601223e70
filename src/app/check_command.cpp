#include "app/check_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/check_report.h"
#include "app/terminal.h"
#include "app/trusted_roots.h"
#include "cert/describe.h"
#include "check/mend.h"
#include "check/report/format.h"
#include "check/run.h"
#include "check/target_list.h"
#include "crypto/chain.h"
#include "os/file.h"

namespace sally::app {
namespace {

constexpr int kFound = 1, kNotTested = 2, kUsage = 64;
constexpr std::size_t kBaselineLimit = std::size_t{64} << 20;                                    ///< bytes
constexpr std::size_t kListLimit = std::size_t{256} << 20, kReportLimit = std::size_t{1} << 30;  ///< bytes
constexpr std::size_t kLoginLimit = 4096, kLongestLogin = 255;                                   ///< bytes
constexpr std::size_t kChainLimit = std::size_t{1} << 20;                                        ///< bytes
constexpr unsigned kParallel = 16;  ///< targets at once, of a list

/// What the exit status is made of.
struct Tally {
  std::optional<check::Severity> fail_on;
  bool found = false, untested = false;

  /// Whether this endpoint has findings that count.
  bool add(const check::Examined& one) {
    bool here = false;
    for (const check::Finding& f : one.findings)
      here |= one.tested() && fail_on && f.kind->severity >= *fail_on && !f.known;
    found |= here;
    untested |= !one.tested();
    return here;
  }
  int status() const { return found ? kFound : untested ? kNotTested : 0; }
};

Result<std::vector<check::Target>> targets_of(const CheckOptions& options) {
  const proto::Protocol* const protocol = proto::protocol_named(options.protocol);
  std::vector<check::Target> out;
  for (const std::string& text : options.targets) {
    TRY(check::Target target, check::parse_target(text, protocol));
    out.push_back(std::move(target));
  }
  if (!options.targets_file.empty()) {
    const std::string path = options.targets_file == "-" ? "/dev/stdin" : options.targets_file;
    TRY(const FileText file, read_file(path, kListLimit));
    TRY(auto more, check::parse_target_list(file.text, protocol));
    out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  if (options.sni.empty()) return out;
  for (check::Target& target : out) {
    TRY(target, check::asked_as(std::move(target), options.sni));
  }
  return out;
}

Result<check::RunPlan> plan_of(const CheckOptions& options) {
  check::RunPlan plan;
  TRY(plan.targets, targets_of(options));
  for (const std::string& text : options.resolve) {
    TRY(check::Resolve row, check::parse_resolve(text));
    plan.resolve.push_back(std::move(row));
  }
  plan.one_address = options.one_address;
  plan.thorough = options.all;
  plan.mend_for = options.mend_for;
  plan.connect_to = options.connect_to;
  plan.http_port = options.http_port;
  plan.quick = options.quick;
  if (options.quick) plan.http_port = options.http_port.value_or(std::uint16_t{0});
  plan.limits.address = std::chrono::seconds(options.timeout_seconds);
  plan.limits.connections = options.connections;
  plan.limits.page_bytes = options.page_bytes;
  plan.limits.crl_bytes = options.crl_bytes;
  plan.resolver = options.resolver;
  plan.mail_hosts = options.mail_hosts;
  plan.limits.mail_hosts = options.mail_hosts_limit;
  plan.revocation = !options.no_revocation;
  plan.limits.host = {.at_once = options.host_connections, .per_second = options.host_rate};
  plan.limits.parallel = options.parallel != 0          ? options.parallel
                         : options.targets_file.empty() ? 1
                                                        : kParallel;
  return plan;
}

/// nullopt: none was named.
Result<std::optional<check::Proxy>> proxy_of(const CheckOptions& options) {
  if (options.proxy.empty()) return std::nullopt;
  TRY(check::Proxy proxy, check::parse_proxy(options.proxy));
  if (options.proxy_login.empty()) return proxy;
  TRY(const FileText file, read_file(options.proxy_login, kLoginLimit));
  const std::string_view line = std::string_view(file.text).substr(0, file.text.find_first_of("\r\n"));
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > kLongestLogin ||
      line.size() - colon > kLongestLogin)
    return fail(check::kBadProxy, options.proxy_login + ": the first line is not USER:PASSWORD");
  proxy.user = line.substr(0, colon);
  proxy.password = line.substr(colon + 1);
  return proxy;
}

/// nullopt: none was named.
Result<std::optional<crypto::CertificateChain>> identity_of(const CheckOptions& options) {
  if (options.client_certificate.empty()) return std::nullopt;
  const std::string& key_path = options.client_key.empty() ? options.client_certificate : options.client_key;
  TRY(const FileText certificate, read_file(options.client_certificate, kChainLimit));
  TRY(const FileText key, read_file(key_path, kChainLimit));
  TRY(auto chain,
      crypto::load_chain({options.client_certificate, as_bytes(std::string_view(certificate.text))},
                         {key_path, as_bytes(std::string_view(key.text))}, WallClock::now()));
  return chain;
}

/// nullopt: none were named. The password is the file's first line.
Result<std::optional<ssh::Credentials>> login_of(const CheckOptions& options) {
  if (options.user.empty()) return std::nullopt;
  ssh::Credentials out{.user = options.user, .password = std::nullopt, .identity = nullptr};
  if (!options.identity.empty()) {
    TRY(const FileText file, read_file(options.identity, kChainLimit));
    auto identity = ssh::Identity::read(file.text);
    if (!identity)
      return std::unexpected(
          fail(identity.error().kind(), options.identity).error().because(std::move(identity).error()));
    out.identity = std::make_shared<const ssh::Identity>(*std::move(identity));
  }
  if (!options.password_file.empty()) {
    TRY(const FileText file, read_file(options.password_file, kLoginLimit));
    out.password = file.text.substr(0, file.text.find_first_of("\r\n"));
  }
  return out;
}

/// Takes out what an earlier report holds. Returns how much of it is to be kept. Errors: check.bad_baseline,
/// os.*.
Result<std::size_t> leave_out_finished(const CheckOptions& options, check::RunPlan& plan) {
  if (!options.resume) return 0;
  auto file = read_file(options.output, kReportLimit);
  if (!file && file.error().is(kNotFound)) return 0;
  if (!file) return std::unexpected(std::move(file).error());
  const check::Finished done = check::parse_finished(file->text);
  if (done.whole_bytes == 0 && !file->text.empty() && file->text.contains('\n'))
    return fail(check::kBadBaseline, options.output + " is no report of the form jsonl");
  std::erase_if(plan.targets, [&](const check::Target& t) { return done.endpoints.contains(t.endpoint()); });
  return done.whole_bytes;
}

/// nullopt: none was named.
Result<std::optional<check::Baseline>> read_baseline(const std::string& path) {
  if (path.empty()) return std::nullopt;
  TRY(const FileText file, read_file(path, kBaselineLimit));
  auto baseline = check::Baseline::parse(file.text);
  if (!baseline)
    return std::unexpected(fail(check::kBadBaseline, path).error().because(std::move(baseline).error()));
  return *std::move(baseline);
}

std::string joined(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

/// For CLI11, which wants strings.
std::vector<std::string> strings_of(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

}  // namespace

namespace {

/// What a plan points to.
struct Means {
  TrustedRoots roots;
  std::optional<check::Baseline> baseline;
  std::optional<check::Policy> policy;
  std::optional<check::Proxy> proxy;
  std::optional<crypto::CertificateChain> identity;
  std::optional<ssh::Credentials> login;
};

Result<> gather_means(const CheckOptions& options, Means& out, std::ostream& err) {
  TRY(out.roots, trusted_roots(options.ca, err));
  TRY(out.baseline, read_baseline(options.baseline));
  if (!options.policy.empty()) {
    TRY(out.policy, check::read_policy(options.policy));
  }
  TRY(out.proxy, proxy_of(options));
  TRY(out.identity, identity_of(options));
  TRY(out.login, login_of(options));
  return {};
}

template <typename T>
const T* pointer_to(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

bool shows_progress(const CheckOptions& options, const check::RunPlan& plan) {
  const bool quiet_output = !options.output.empty() || ::isatty(STDOUT_FILENO) == 0;
  return plan.targets.size() > 1 && quiet_output && ::isatty(STDERR_FILENO) != 0;
}

}  // namespace

int check_endpoints(const CheckOptions& options, std::ostream& out, std::ostream& err) {
  auto plan = plan_of(options);
  if (!plan) {
    tell(err, plan.error());
    return kUsage;
  }
  Means means;
  if (const auto ready = gather_means(options, means, err); !ready) {
    tell(err, ready.error());
    return kUsage;
  }
  plan->roots = {means.roots.of_system(), means.roots.of_files()};
  plan->baseline = pointer_to(means.baseline);
  plan->policy = pointer_to(means.policy);
  plan->proxy = pointer_to(means.proxy);
  plan->identity = pointer_to(means.identity);
  plan->login = pointer_to(means.login);
  const auto kept = leave_out_finished(options, *plan);
  if (!kept) {
    tell(err, kept.error());
    return kUsage;
  }
  CheckReport report(options, out);
  if (const auto begun = report.begin(*kept); !begun) {
    tell(err, begun.error());
    return kNotTested;
  }
  plan->keep = !check::is_piecewise(report.format());
  Tally tally{.fail_on = severity_of(options.fail_on)};
  CheckProgress progress(err, plan->targets.size(), shows_progress(options, *plan));
  const auto all = check::run(*plan, [&](const check::Examined& one) {
    report.add(one);
    progress.add(one, tally.add(one));
  });
  progress.end();
  const auto written = all ? report.end(*all) : Result<>{};
  if (!all || !written) {
    tell(err, all ? written.error() : all.error());
    return kNotTested;
  }
  return tally.status();
}

namespace {

/// How a target is reached.
void add_reach_flags(CLI::App& c, CheckOptions& o) {
  c.add_option("--ca", o.ca, "File of roots to trust beside the system's (repeatable)")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile);
  c.add_option("--connect", o.connect_to, "Connect to this address instead of the name's");
  c.add_option("--resolve", o.resolve, "HOST:PORT:ADDRESS, whatever DNS says (repeatable)")
      ->allow_extra_args(false);
  c.add_option("--resolver", o.resolver,
               "ADDRESS[:PORT] of a DNS server to ask instead of the system's; its word on DNSSEC counts");
  c.add_flag("--mx", o.mail_hosts, "smtp://DOMAIN is a mail domain: examine all hosts that take its mail");
  c.add_option("--mail-hosts", o.mail_hosts_limit, "With --mx: of one domain, at most (default: 16)")
      ->check(CLI::Range(1u, 256u))
      ->needs("--mx");
  c.add_option("--sni", o.sni, "Ask for this name, in SNI, Host and certificate, whatever the target says");
  c.add_option("--proxy", o.proxy, "http://[USER:PASSWORD@]HOST:PORT (CONNECT) or socks5://...");
  c.add_option("--proxy-login", o.proxy_login, "File with USER:PASSWORD for the proxy")
      ->check(CLI::ExistingFile)
      ->needs("--proxy");
  c.add_option("--client-certificate", o.client_certificate, "PEM file to show to a server that asks")
      ->check(CLI::ExistingFile);
  c.add_option("--client-key", o.client_key, "Its key, when it is in another file")
      ->check(CLI::ExistingFile)
      ->needs("--client-certificate");
  c.add_option("--http-port", o.http_port, "Port of plain http beside it; 0: none (default: 80 beside 443)");
}

/// Who a user of SSH servers is.
void add_login_flags(CLI::App& c, CheckOptions& o) {
  auto* const identity =
      c.add_option("--identity", o.identity, "File with that user's private key, as ssh-keygen makes it");
  auto* const password =
      c.add_option("--password-file", o.password_file, "File with that user's password in its first line");
  auto* const user =
      c.add_option("--user", o.user, "Log in to SSH servers as this user, and see whether SFTP is there");
  identity->check(CLI::ExistingFile)->needs(user);
  password->check(CLI::ExistingFile)->needs(user);
}

/// How much is asked, of how many, and how fast.
void add_bound_flags(CLI::App& c, CheckOptions& o) {
  c.add_option("--timeout", o.timeout_seconds, "Seconds for one address (default: 60)")
      ->check(CLI::Range(1u, 3600u));
  c.add_option("--connections", o.connections, "Most connections to one address (default: 250)")
      ->check(CLI::Range(1u, 10000u));
  c.add_option("--page-bytes", o.page_bytes, "Of a page, unpacked, that are read at most (default: 1048576)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{64} << 20));
  c.add_option("--crl-bytes", o.crl_bytes, "Of a CRL that are read at most (default: 8388608)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{256} << 20));
  c.add_flag("--no-revocation", o.no_revocation,
             "Do not ask the OCSP responder and read the CRL that the certificate names");
  c.add_flag("--quick", o.quick,
             "About eight connections: versions, certificate, HSTS; what is left out is named");
  c.add_option("--parallel", o.parallel, "Targets at once (default: 16 with --targets, else 1)")
      ->check(CLI::Range(1u, 1000u));
  c.add_option("--host-connections", o.host_connections,
               "To one address at once, of all targets (default: 40)")
      ->check(CLI::Range(1u, 10000u));
  c.add_option("--host-rate", o.host_rate, "Connections to one address in a second; 0: no limit (default: 0)")
      ->check(CLI::Range(0u, 100000u));
  c.add_flag("--resume", o.resume, "Go on with what --output FILE --format jsonl does not hold yet");
  c.add_flag("--one-address", o.one_address, "Only the first address of a name");
}

}  // namespace

void add_check_command(CLI::App& app, int& status) {
  CLI::App* const c =
      app.add_subcommand("check", "Examine an endpoint: is it sound; if not, why, and what to change");
  const auto o = std::make_shared<CheckOptions>();
  c->add_option("target", o->targets,
                "HOST, HOST:PORT, https://HOST, smtp://HOST, tls://HOST:PORT (repeatable)");
  c->add_option("--targets", o->targets_file, "File of more targets, one a line; - is standard input");
  std::vector<std::string> protocols;
  for (const proto::Protocol& p : proto::all_protocols()) protocols.emplace_back(p.id);
  c->add_option("--protocol", o->protocol, "Of targets without a scheme; otherwise guessed by the port")
      ->check(CLI::IsMember(protocols));
  c->add_flag("--all", o->all, "Also what was seen and what is merely worth knowing");
  c->add_option("--format", o->format, joined(check::format_names()) + " (default: text)")
      ->check(CLI::IsMember(strings_of(check::format_names())));
  c->add_option("--for", o->mend_for, "Show the mend for this server: " + joined(check::mendable_software()))
      ->check(CLI::IsMember(strings_of(check::mendable_software())));
  c->add_option("--baseline", o->baseline,
                "An earlier report (--format json): what stands in it is known and fails nothing")
      ->check(CLI::ExistingFile);
  c->add_option("--policy", o->policy, "What must hold, and what is let pass until when (TOML)")
      ->check(CLI::ExistingFile);
  c->add_option("--output", o->output, "Write the report to this file");
  c->add_option("--fail-on", o->fail_on, "Least severity for exit status 1 (default: high)")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical", "never"}));
  add_reach_flags(*c, *o);
  add_login_flags(*c, *o);
  add_bound_flags(*c, *o);
  c->footer(
      "Exit status: 0 nothing at or above --fail-on, 1 findings, 2 something could not be tested, 64 usage");
  c->callback([o, &status] {
    if (o->targets.empty() && o->targets_file.empty()) throw CLI::RequiredError("target or --targets");
    if (!o->user.empty() && o->identity.empty() && o->password_file.empty())
      throw CLI::ValidationError("--user", "needs --identity FILE or --password-file FILE");
    if (o->resume && o->mail_hosts)
      throw CLI::ValidationError("--resume", "a report does not tell which domain a mail host belongs to");
    if (o->resume && (o->output.empty() || o->format != "jsonl"))
      throw CLI::ValidationError("--resume", "needs --output FILE and --format jsonl");
    status = check_endpoints(*o, std::cout, std::cerr);
  });
}

}  // namespace sally::app
