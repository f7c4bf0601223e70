#include "app/check_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/named_roots.h"
#include "app/terminal.h"
#include "cert/describe.h"
#include "check/mend.h"
#include "check/report/format.h"
#include "check/report/json.h"
#include "check/report/text.h"
#include "check/run.h"
#include "crypto/chain.h"
#include "os/file.h"

namespace sally::app {
namespace {

constexpr int kFound = 1, kNotTested = 2, kUsage = 64;
constexpr std::size_t kBaselineLimit = std::size_t{64} << 20;  ///< bytes
constexpr check::Severity kSeverities[] = {check::Severity::info, check::Severity::low,
                                           check::Severity::medium, check::Severity::high,
                                           check::Severity::critical};

/// nullopt: never fail because of findings.
std::optional<check::Severity> severity_of(const std::string& name) {
  for (const check::Severity s : kSeverities)
    if (check::severity_name(s) == name) return s;
  return std::nullopt;
}

int status_of(const std::vector<check::Examined>& all, std::optional<check::Severity> fail_on) {
  bool found = false, untested = false;
  for (const check::Examined& one : all) {
    untested |= !one.tested();
    for (const check::Finding& f : one.findings)
      found |= one.tested() && fail_on && f.kind->severity >= *fail_on && !f.known;
  }
  return found ? kFound : untested ? kNotTested : 0;
}

Result<check::RunPlan> plan_of(const CheckOptions& options) {
  check::RunPlan plan;
  for (const std::string& text : options.targets) {
    TRY(check::Target target, check::parse_target(text, proto::protocol_named(options.protocol)));
    plan.targets.push_back(std::move(target));
  }
  plan.one_address = options.one_address;
  plan.thorough = options.all;
  plan.mend_for = options.mend_for;
  plan.connect_to = options.connect_to;
  plan.http_port = options.http_port;
  plan.limits.address = std::chrono::seconds(options.timeout_seconds);
  plan.limits.connections = options.connections;
  return plan;
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

/// Where a report goes: a file at the end, or the output as its parts are ready.
class Report {
 public:
  Report(const CheckOptions& options, std::ostream& out)
      : options_(options),
        out_(out),
        format_(check::format_named(options.format).value_or(check::Format::text)) {}

  /// One endpoint is ready.
  void add(const check::Examined& one) {
    if (!check::is_piecewise(format_)) return;
    const check::TextStyle style{.all = options_.all, .colour = !to_file() && Terminal::of_stdout().colour};
    put(format_ == check::Format::text ? check::text_report(one, style) : check::json_line(one));
  }

  /// All are. Errors: os.*.
  Result<> end(const std::vector<check::Examined>& all) {
    if (!check::is_piecewise(format_)) put(check::whole_report(format_, all, severity_of(options_.fail_on)));
    if (!to_file()) return {};
    return write_file(options_.output, as_bytes(std::string_view(kept_)), 0644);
  }

 private:
  bool to_file() const { return !options_.output.empty(); }
  void put(std::string part) {
    if (to_file())
      kept_ += part;
    else
      out_ << part << std::flush;
  }

  const CheckOptions& options_;
  std::ostream& out_;
  check::Format format_;
  std::string kept_;
};

std::string joined(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

/// For CLI11, which wants strings.
std::vector<std::string> strings_of(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

}  // namespace

int check_endpoints(const CheckOptions& options, std::ostream& out, std::ostream& err) {
  auto plan = plan_of(options);
  if (!plan) {
    tell(err, plan.error());
    return kUsage;
  }
  const auto named = named_roots(options.ca);
  if (!named) {
    tell(err, named.error());
    return kUsage;
  }
  const auto system = cert::system_roots();
  if (!system && !*named) tell(err, system.error());
  plan->roots = {system ? &*system : nullptr, *named ? &**named : nullptr};

  const auto baseline = read_baseline(options.baseline);
  if (!baseline) {
    tell(err, baseline.error());
    return kUsage;
  }
  plan->baseline = *baseline ? &**baseline : nullptr;

  Report report(options, out);
  const auto all = check::run(*plan, [&](const check::Examined& one) { report.add(one); });
  if (!all) {
    tell(err, all.error());
    return kNotTested;
  }
  if (const auto written = report.end(*all); !written) {
    tell(err, written.error());
    return kNotTested;
  }
  return status_of(*all, severity_of(options.fail_on));
}

void add_check_command(CLI::App& app, int& status) {
  CLI::App* const c =
      app.add_subcommand("check", "Examine an endpoint: is it sound; if not, why, and what to change");
  const auto o = std::make_shared<CheckOptions>();
  c->add_option("target", o->targets,
                "HOST, HOST:PORT, https://HOST, smtp://HOST, tls://HOST:PORT (repeatable)")
      ->required();
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
  c->add_option("--output", o->output, "Write the report to this file");
  c->add_option("--fail-on", o->fail_on, "Least severity for exit status 1 (default: high)")
      ->check(CLI::IsMember({"info", "low", "medium", "high", "critical", "never"}));
  c->add_option("--ca", o->ca, "File of roots to trust beside the system's (repeatable)")
      ->check(CLI::ExistingFile);
  c->add_option("--connect", o->connect_to, "Connect to this address instead of the name's");
  c->add_option("--http-port", o->http_port,
                "Port of plain http beside it; 0: none (default: 80 beside 443)");
  c->add_option("--timeout", o->timeout_seconds, "Seconds for one address (default: 60)")
      ->check(CLI::Range(1u, 3600u));
  c->add_option("--connections", o->connections, "Most connections to one address (default: 250)")
      ->check(CLI::Range(1u, 10000u));
  c->add_flag("--one-address", o->one_address, "Only the first address of a name");
  c->footer(
      "Exit status: 0 nothing at or above --fail-on, 1 findings, 2 something could not be tested, 64 usage");
  c->callback([o, &status] { status = check_endpoints(*o, std::cout, std::cerr); });
}

}  // namespace sally::app
