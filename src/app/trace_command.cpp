#include "app/trace_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>

#include "app/terminal.h"
#include "app/trusted_roots.h"
#include "cert/describe.h"
#include "check/report/trace_report.h"

namespace sally::app {
namespace {

constexpr int kNotTrusted = 1, kNotConnected = 2, kUsage = 64;

/// "/path?query" of a URL; "/" for what has none.
Result<std::string> path_of(const std::string& text) {
  const std::size_t scheme = text.find("://");
  const std::size_t from = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t slash = text.find_first_of("/?", from);
  if (slash == std::string::npos) return "/";
  std::string path = text.substr(slash, text.find('#', slash) - slash);
  if (path.front() == '?') path.insert(0, "/");
  if (!std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7f; }))
    return fail(check::kBadTarget, "a path has no spaces or letters beyond ASCII: write them as %20");
  return path;
}

Result<check::TraceRequest> request_of(const TraceOptions& options) {
  check::TraceRequest request;
  TRY(request.target, check::parse_target(options.target, proto::protocol_named(options.protocol)));
  const proto::TlsEntry entry = request.target.protocol->entry;
  if (entry == proto::TlsEntry::never || entry == proto::TlsEntry::packed)
    return fail(check::kBadTarget,
                options.target + ": a trace shows TLS straight on a connection; try sallyport check");
  TRY(request.path, path_of(options.target));
  request.connect_to = options.connect_to;
  request.server_name = options.server_name;
  request.http2 = options.http2;
  request.http3 = options.http3;
  request.records = options.records;
  if (request.http3 && !request.target.is_http)
    return fail(check::kBadTarget, options.target + ": HTTP/3 is spoken by web servers only");
  request.patience = std::chrono::seconds(options.timeout_seconds);
  return request;
}

std::string report_of(const std::string& format, const check::TraceRequest& request,
                      const check::Trace& trace) {
  if (format == "json") return check::trace_json(request, trace);
  if (format == "html") return check::trace_html(request, trace);
  return check::trace_text(request, trace, Terminal::of_stdout().colour);
}

}  // namespace

int trace_connection(const TraceOptions& options, std::ostream& out, std::ostream& err) {
  auto request = request_of(options);
  if (!request) {
    tell(err, request.error());
    return kUsage;
  }
  const auto roots = trusted_roots(options.ca, err);
  if (!roots) {
    tell(err, roots.error());
    return kUsage;
  }
  request->roots = {roots->of_system(), roots->of_files()};
  const auto done = check::trace(*request);
  if (!done) {
    tell(err, done.error());
    return kNotConnected;
  }
  out << report_of(options.format, *request, *done);
  if (!done->shaken) return kNotConnected;
  return done->trusted() ? 0 : kNotTrusted;
}

void add_trace_command(CLI::App& app, int& status) {
  CLI::App* const c = app.add_subcommand(
      "trace", "Show one connection as it happens: DNS, TCP, each message of the handshake");
  const auto o = std::make_shared<TraceOptions>();
  c->add_option("target", o->target, "HOST, HOST:PORT, https://HOST/PATH, smtp://HOST, tls://HOST:PORT")
      ->required();
  std::vector<std::string> protocols;
  for (const proto::Protocol& p : proto::all_protocols()) protocols.emplace_back(p.id);
  c->add_option("--protocol", o->protocol, "Of a target without a scheme; otherwise guessed by the port")
      ->check(CLI::IsMember(protocols));
  c->add_option("--format", o->format, "text, json, html (default: text)")
      ->check(CLI::IsMember({"text", "json", "html"}));
  c->add_option("--connect", o->connect_to, "Connect to this address instead of the name's");
  c->add_option("--sni", o->server_name, "Ask for this name, and expect it in the certificate");
  c->add_option("--ca", o->ca, "File of roots to trust beside the system's (repeatable)")
      ->check(CLI::ExistingFile);
  c->add_flag("--http2", o->http2, "Offer HTTP/2 before HTTP/1.1, and ask by what the server picks");
  c->add_flag("--http3", o->http3, "Over QUIC: HTTP/3 on the UDP port of the same number")
      ->excludes("--http2");
  c->add_option("--qlog", o->records, "Folder for a record of the QUIC connection (qlog); with --http3")
      ->check(CLI::ExistingDirectory)
      ->needs("--http3");
  c->add_flag_callback(
       "--http1.1", [o] { o->http2 = false; }, "Offer HTTP/1.1 alone (default)")
      ->excludes("--http2")
      ->excludes("--http3");
  c->add_option("--timeout", o->timeout_seconds, "Seconds for each step (default: 10)")
      ->check(CLI::Range(1u, 600u));
  c->footer("Exit status: 0 connected and trusted, 1 connected and not trusted, 2 no connection, 64 usage");
  c->callback([o, &status] { status = trace_connection(*o, std::cout, std::cerr); });
}

}  // namespace sally::app
