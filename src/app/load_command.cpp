#include "app/load_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <memory>

#include "app/terminal.h"
#include "app/trusted_roots.h"
#include "base/ascii.h"
#include "cert/describe.h"
#include "config/units.h"
#include "load/compare.h"
#include "load/report.h"
#include "load/run.h"
#include "os/file.h"
#include "tls/signature_names.h"

namespace sally::app {
namespace {

constexpr int kFailed = 1, kNoLoad = 2, kUsage = 64;
constexpr std::size_t kBodyLimit = std::size_t{64} << 20, kResultLimit = std::size_t{16} << 20;  ///< bytes
constexpr std::chrono::hours kLongestRun{24 * 7};

std::atomic<bool> interrupted{false};

/// The first signal ends the run with its result, the second one the program.
void listen_for_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

Result<std::chrono::milliseconds> time_of(std::string_view flag, const std::string& text,
                                          std::chrono::milliseconds least) {
  const auto time = config::parse_duration(text);
  if (!time || *time < least || *time > kLongestRun)
    return fail(load::kBadPlan, fmt::format("{} {}: write it like 250ms, 10s or 5m", flag, text));
  return *time;
}

Result<std::vector<std::uint16_t>> signatures_of(const std::vector<std::string>& names) {
  std::vector<std::uint16_t> out;
  for (const std::string& name : names) {
    const std::size_t before = out.size();
    for (const tls::SignatureName& one : tls::registered_signatures())
      if (name == one.name) out.push_back(one.code);
    if (out.size() == before)
      return fail(load::kBadPlan, name + " is no signature of TLS, like ecdsa_secp256r1_sha256");
  }
  return out;
}

Result<> read_fields(const LoadOptions& options, load::Plan& plan) {
  for (const std::string& text : options.fields) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0)
      return fail(load::kBadPlan, fmt::format("--header \"{}\" is not \"Name: value\"", text));
    plan.fields.emplace_back(text.substr(0, colon), trim(std::string_view(text).substr(colon + 1)));
  }
  return {};
}

Result<load::Plan> plan_of(const LoadOptions& o) {
  load::Plan plan;
  for (const std::string& text : o.urls) {
    TRY(load::LoadUrl url, load::parse_load_url(text));
    plan.urls.push_back(std::move(url));
  }
  plan.connections = o.connections;
  plan.threads = o.threads;
  plan.streams = o.streams;
  plan.pipeline = o.pipeline;
  plan.rate = o.rate;
  plan.requests = o.requests;
  plan.requests_per_connection = o.requests_per_connection;
  using std::chrono::milliseconds;
  TRY(plan.duration, time_of("--duration", o.duration, milliseconds(1)));
  TRY(plan.warm_up, time_of("--warm-up", o.warm_up, milliseconds(0)));
  TRY(plan.timeout, time_of("--timeout", o.timeout, milliseconds(100)));
  if (!o.hold.empty()) {
    TRY(plan.hold, time_of("--hold", o.hold, milliseconds(1)));
  }
  if (!o.body.empty()) {
    TRY(FileText file, read_file(o.body, kBodyLimit));
    plan.body = std::move(file.text);
  }
  plan.method = !o.method.empty() ? o.method : o.body.empty() ? "GET" : "POST";
  TRY_VOID(read_fields(o, plan));
  if (o.http == "1.1") plan.speech = load::Speech::http1;
  if (o.http == "2") plan.speech = load::Speech::http2;
  if (o.http == "3") plan.speech = load::Speech::http3;
  if (!o.handshakes.empty())
    plan.handshakes = o.handshakes == "full" ? load::Handshakes::full : load::Handshakes::resumed;
  plan.groups = fmt::format("{}", fmt::join(o.groups, ":"));
  TRY(plan.signatures, signatures_of(o.signatures));
  plan.verify = !o.insecure;
  plan.connect_to = o.connect_to;
  plan.ours = o.ours;
  TRY_VOID(load::check_plan(plan));
  return plan;
}

/// On a terminal only: one line that is written over.
class ProgressLine {
 public:
  explicit ProgressLine(std::ostream& err) : err_(err), shown_(::isatty(STDERR_FILENO) != 0) {}
  void operator()(const load::Progress& p) {
    if (!shown_) return;
    const double rate = static_cast<double>(p.good - last_good_) / std::max(p.seconds - last_seconds_, 0.1);
    err_ << fmt::format("\r\x1b[K{}{:.0f} s  {:.0f} a second  {} good  {} failed",
                        p.warming_up ? "warm-up " : "", p.seconds, p.good >= last_good_ ? rate : 0, p.good,
                        p.failed)
         << std::flush;
    last_good_ = p.good;
    last_seconds_ = p.seconds;
    begun_ = true;
  }
  void end() {
    if (begun_) err_ << "\r\x1b[K" << std::flush;
  }

 private:
  std::ostream& err_;
  bool shown_, begun_ = false;
  std::uint64_t last_good_ = 0;
  double last_seconds_ = 0;
};

bool is_usage(const Error& error) {
  return error.is(load::kBadPlan) || error.is(load::kBadUrl) || error.is(load::kNotOurs) ||
         error.is(load::kNoProcess);
}

Result<load::Measured> read_result(const std::string& path) {
  TRY(const FileText file, read_file(path, kResultLimit));
  auto result = load::parse_result(file.text);
  if (!result)
    return std::unexpected(fail(load::kBadResult, path).error().because(std::move(result).error()));
  return result;
}

int compare_results(const LoadOptions& options, std::ostream& out, std::ostream& err) {
  const auto before = read_result(options.compare[0]), after = read_result(options.compare[1]);
  if (!before || !after) {
    tell(err, before ? after.error() : before.error());
    return kUsage;
  }
  const auto comparison = load::compare(*before, *after);
  if (!comparison) {
    tell(err, comparison.error());
    return kUsage;
  }
  out << (options.format == "json" ? load::compare_json(*comparison)
                                   : load::compare_text(*comparison, Terminal::of_stdout().colour));
  return comparison->is_worse() ? kFailed : 0;
}

}  // namespace

int put_under_load(const LoadOptions& options, std::ostream& out, std::ostream& err) {
  if (!options.compare.empty()) return compare_results(options, out, err);
  auto plan = plan_of(options);
  if (!plan) {
    tell(err, plan.error());
    return kUsage;
  }
  const auto roots = trusted_roots(options.ca, err);
  if (!roots) {
    tell(err, roots.error());
    return kUsage;
  }
  for (const crypto::TrustStore* const one : {roots->of_files(), roots->of_system()})
    if (one != nullptr) plan->roots.push_back(one);
  listen_for_signals();
  ProgressLine line(err);
  load::RunHooks hooks{.stop = &interrupted, .server_pid = options.server_pid};
  hooks.progress = [&line](const load::Progress& p) { line(p); };
  const auto outcome = load::run(*plan, hooks);
  line.end();
  if (!outcome) {
    tell(err, outcome.error());
    return is_usage(outcome.error()) ? kUsage : kNoLoad;
  }
  out << (options.format == "json" ? load::load_json(*plan, *outcome, SALLY_VERSION)
                                   : load::load_text(*plan, *outcome, Terminal::of_stdout().colour));
  if (outcome->tally.connections == 0) return kNoLoad;
  return outcome->tally.failed() == 0 && outcome->tally.unsent == 0 ? 0 : kFailed;
}

namespace {

void add_amount_flags(CLI::App& c, LoadOptions& o) {
  c.add_option("--connections", o.connections, "Connections at once (default: 10)")
      ->check(CLI::Range(1u, 100'000u));
  c.add_option("--streams", o.streams, "Requests at once on a connection of HTTP/2 or 3 (default: 1)")
      ->check(CLI::Range(1u, 10'000u));
  c.add_option("--pipeline", o.pipeline, "Requests at once on a connection of HTTP/1.1 (default: 1)")
      ->check(CLI::Range(1u, 1'000u));
  c.add_option("--threads", o.threads, "Threads that the connections are shared by (default: 1)")
      ->check(CLI::Range(1u, 256u));
  c.add_option(
       "--rate", o.rate,
       "Requests or handshakes a second, due whatever the server does; without it: as fast as possible")
      ->check(CLI::Range(0.001, 1e8));
  CLI::Option* const duration =
      c.add_option("--duration", o.duration, "How long is measured: 10s, 5m (default: 10s)");
  c.add_option("--requests", o.requests, "How many requests or handshakes in all, instead of --duration")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 50))
      ->excludes(duration);
  c.add_option("--requests-per-connection", o.requests_per_connection,
               "Close each connection after so many and make a new one, whose making counts (default: kept)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 50));
  c.add_option("--warm-up", o.warm_up, "What is sent in this time is not counted (default: 0s)");
  c.add_option(
      "--hold", o.hold,
      "Keep the connections open and idle that long after the last request, or after their handshakes, to "
      "see what they cost the server");
  c.add_option(
      "--timeout", o.timeout,
      "For an answer, and for connecting with the handshake; kept to a tenth of a second (default: 30s)");
}

void add_request_flags(CLI::App& c, LoadOptions& o) {
  c.add_option("--http", o.http,
               "1.1, 2 or 3 (default: what the server prefers of 1.1 and 2; 1.1 for http://)")
      ->check(CLI::IsMember({"1.1", "2", "3"}));
  c.add_option("--method", o.method, "Method (default: GET; POST with --body)");
  c.add_option("--header", o.fields, "\"Name: value\"; Host replaces the URL's (repeatable)")
      ->allow_extra_args(false);
  c.add_option("--body", o.body, "File to send with every request, at most 64 MiB")->check(CLI::ExistingFile);
}

void add_tls_flags(CLI::App& c, LoadOptions& o) {
  c.add_option("--handshakes", o.handshakes,
               "Count handshakes, each on a connection of its own without a request: full or resumed; with "
               "--requests-per-connection requests are counted, and this says how their connections begin")
      ->check(CLI::IsMember({"full", "resumed"}));
  c.add_option("--group", o.groups,
               "Group of the key exchange: X25519MLKEM768, X25519, P-256, ... (repeatable, in order)")
      ->allow_extra_args(false);
  c.add_option("--signature", o.signatures,
               "Signature to accept, and so the type of certificate: ecdsa_secp256r1_sha256 (repeatable)")
      ->allow_extra_args(false);
  c.add_option("--ca", o.ca, "File of roots to trust beside the system's (repeatable)")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile);
  c.add_flag("--insecure", o.insecure, "Believe any certificate");
  c.add_option("--connect", o.connect_to, "Connect to this address instead of the name's");
}

}  // namespace

void add_load_command(CLI::App& app, int& status) {
  CLI::App* const c = app.add_subcommand(
      "load", "Put a server under load: requests or handshakes a second, and how long they take");
  const auto o = std::make_shared<LoadOptions>();
  c->add_option("url", o->urls, "https://HOST/PATH or http://HOST/PATH (repeatable: asked in turns)");
  add_amount_flags(*c, *o);
  add_request_flags(*c, *o);
  add_tls_flags(*c, *o);
  c->add_option("--server-pid", o->server_pid,
                "Process of the server on this machine: its CPU and memory are told, its children's too");
  c->add_option("--format", o->format, "text, json (default: text)")->check(CLI::IsMember({"text", "json"}));
  c->add_option("--compare", o->compare,
                "Two results of --format json: what changed, and by more than chance?")
      ->expected(2)
      ->check(CLI::ExistingFile);
  c->add_flag("--i-own-this", o->ours,
              "Send more than 10 requests to an address of the public internet: the server is yours");
  c->footer(
      "Exit status: 0 all went well, 1 something failed or became worse, 2 no load could be made, 64 usage");
  c->callback([o, &status] {
    if (o->urls.empty() == o->compare.empty()) throw CLI::RequiredError("url or --compare");
    status = put_under_load(*o, std::cout, std::cerr);
  });
}

}  // namespace sally::app
