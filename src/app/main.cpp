// app/main.cpp - the command line: subcommands and their flags, and nothing else.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "app/cert_command.h"
#include "app/check_command.h"
#include "app/completion_command.h"
#include "app/config_command.h"
#include "app/dns_command.h"
#include "app/load_command.h"
#include "app/order_command.h"
#include "app/ports_command.h"
#include "app/serve_command.h"
#include "app/trace_command.h"

namespace sally::app {
namespace {

constexpr int kUsage = 64;  ///< EX_USAGE of sysexits(3)

/// "--limits.header_bytes=32KiB": any key of the configuration is a flag.
bool take_keys(const std::vector<std::string>& rest, gateway::ServeFlags& flags, std::string& wrong) {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    std::string_view word = rest[i];
    if (!word.starts_with("--") || !word.contains('.')) {
      wrong = rest[i];
      return false;
    }
    word.remove_prefix(2);
    if (const std::size_t equals = word.find('='); equals != std::string_view::npos) {
      flags.keys_by_name.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    } else {
      wrong = rest[i] + " (its value is missing)";
      return false;
    }
  }
  return true;
}

void add_serve(CLI::App& app, int& status, std::vector<std::string> arguments) {
  CLI::App* const c = app.add_subcommand(
      "serve", "Serve a folder, an application, or the sites of a configuration file, over https");
  const auto o = std::make_shared<ServeOptions>();
  o->arguments = std::move(arguments);
  CLI::Option* const folder = c->add_option("folder", o->folder, "Folder to serve on https://localhost:8443")
                                  ->check(CLI::ExistingDirectory);
  c->add_option("--to", o->to, "Application to put on https://localhost:8443: http://127.0.0.1:3000")
      ->excludes(folder);
  c->add_option("-c,--config", o->config,
                "Configuration file (default: sallyport.toml, if no folder is given)");
  c->add_option("--listen", o->flags.listen,
                "Address to listen on: 8443, 127.0.0.1:8443, [::1]:443 (repeatable)");
  c->add_option("--name", o->flags.names, "Host name to serve (repeatable)");
  c->add_option("--certificate", o->flags.certificates,
                "Certificate file, PEM, leaf first (repeatable: one for each key type)");
  c->add_option("--key", o->flags.keys, "Private key of the certificate, PEM");
  c->add_option("--workers", o->flags.workers, "Threads; 0: one for each core");
  c->add_option("--http-port", o->flags.http_port, "Port that redirects http to https; 0: none");
  const auto key = [o](std::string name) {
    return [o, name](const std::string& value) { o->flags.keys_by_name.emplace_back(name, value); };
  };
  c->add_option_function<std::string>("--access-log", key("log.access"), "File, - for standard output, off");
  c->add_option_function<std::string>("--admin", key("admin.listen"),
                                      "Address for /metrics and /health: 127.0.0.1:9180");
  c->add_option_function<std::string>("--tickets", key("tls.tickets"),
                                      "Session tickets for each handshake; 0: no resumption");
  c->add_flag("-q,--quiet", o->quiet, "No greeting");
  c->footer(
      "Any key of the configuration is a flag too: --limits.header_bytes=32KiB (see: sallyport config "
      "explain)");
  c->allow_extras();
  c->callback([c, o, &status] {
    std::string wrong;
    if (!take_keys(c->remaining(), o->flags, wrong)) {
      std::cerr << "sallyport: serve: unknown argument " << wrong << "; see: sallyport serve --help\n";
      status = kUsage;
      return;
    }
    if (o->config.empty()) o->config = "sallyport.toml";
    status = serve(*o, std::cout, std::cerr);
  });
}

void add_order(CLI::App& app, const char* word, const char* what, int& status) {
  CLI::App* const c = app.add_subcommand(word, what);
  const auto o = std::make_shared<OrderOptions>();
  c->add_option("folder", o->folder, "Folder that it serves, if it was started with one");
  c->add_option("-c,--config", o->config, "Configuration file that it was started with")
      ->capture_default_str();
  c->add_option("--state", o->state,
                "Its state folder, if it is neither a usual one nor in the configuration");
  c->callback([o, word, &status] { status = order(*o, word, std::cout, std::cerr); });
}

void add_backend(CLI::App& app, int& status) {
  CLI::App* const c =
      app.add_subcommand("backend", "Take a backend of the running gateway out, and in again");
  c->require_subcommand(1);
  const auto o = std::make_shared<OrderOptions>();
  const auto address = std::make_shared<std::string>();
  const auto add = [&](const char* verb, const char* what, bool one) {
    CLI::App* const v = c->add_subcommand(verb, what);
    if (one) v->add_option("address", *address, "As it stands in the configuration")->required();
    v->add_option("-c,--config", o->config, "Configuration file of the gateway")->capture_default_str();
    v->add_option("--state", o->state,
                  "Its state folder, if it is neither a usual one nor in the configuration");
    const std::string start = std::string("backend ") + verb;
    v->callback([o, address, start, one, &status] {
      status = order(*o, one ? start + " " + *address : start, std::cout, std::cerr);
    });
  };
  add("list", "All backends: address, site, state, requests", false);
  add("drain", "New requests go elsewhere, those under way end", true);
  add("enable", "It gets requests again", true);
}

void add_config(CLI::App& app, int& status) {
  CLI::App* const c = app.add_subcommand("config", "Check a configuration file, or explain its keys");
  c->require_subcommand(1);
  const auto file = std::make_shared<std::string>("sallyport.toml");
  CLI::App* const check = c->add_subcommand("check", "Is the file good? Opens nothing");
  check->add_option("file", *file, "Configuration file")->capture_default_str();
  check->callback([file, &status] { status = config_check(*file, std::cout, std::cerr); });

  struct Explain {
    std::string key;
    bool markdown = false, json = false;
  };
  const auto o = std::make_shared<Explain>();
  CLI::App* const explain = c->add_subcommand("explain", "What every key means: its type, range and default");
  explain->add_option("key", o->key, "A key or a block, such as limits.header_bytes or site.files");
  CLI::Option* const markdown = explain->add_flag("--markdown", o->markdown, "As a page of the manual");
  explain->add_flag("--json", o->json, "For programs")->excludes(markdown);
  explain->callback([o, &status] {
    const ExplainForm form = o->markdown ? ExplainForm::markdown
                             : o->json   ? ExplainForm::json
                                         : ExplainForm::text;
    status = config_explain(o->key, form, std::cout, std::cerr);
  });
}

void add_dns(CLI::App& app, int& status) {
  CLI::App* const c = app.add_subcommand(
      "dns", "The HTTPS records for the names that a configuration serves, for their zones");
  const auto file = std::make_shared<std::string>("sallyport.toml");
  c->add_option("file", *file, "Configuration file")->capture_default_str();
  c->callback([file, &status] { status = dns_records(*file, std::cout, std::cerr); });
}

void add_ports(CLI::App& app, int& status) {
  CLI::App* const c = app.add_subcommand(
      "ports", "The protocols that are known: their ports, how TLS comes in, what can be done");
  const auto json = std::make_shared<bool>(false);
  c->add_flag("--json", *json, "For programs");
  c->callback([json, &status] { status = ports(*json, std::cout); });
}

void add_completion(CLI::App& app, int& status) {
  CLI::App* const c = app.add_subcommand("completion", "Print a script that completes commands in a shell");
  const auto shell = std::make_shared<std::string>();
  c->add_option("shell", *shell, "bash, zsh or fish")->required();
  c->footer("bash: source <(sallyport completion bash)   fish: sallyport completion fish | source");
  c->callback([&app, shell, &status] { status = completion(app, *shell, std::cout, std::cerr); });
}

bool has_command(const CLI::App& app, std::string_view name) {
  return std::ranges::any_of(app.get_subcommands({}),
                             [&](const CLI::App* c) { return c->get_name() == name; });
}

/// The arguments, last first as CLI11 wants them. "--log.access x" becomes one word: else `x` would be taken
/// for the folder.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    const bool key = word.starts_with("--") && word.contains('.') && !word.contains('=');
    if (key && i + 1 < argc) word.append("=").append(argv[++i]);
    words.push_back(std::move(word));
  }
  std::ranges::reverse(words);
  return words;
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app("Sallyport serves every secure port and proves that it is secure.", "sallyport");
  app.set_version_flag("--version", "sallyport " SALLY_VERSION);
  app.require_subcommand(1);
  int status = 0;
  add_serve(app, status, {argv, argv + argc});
  add_cert_commands(app, status);
  add_check_command(app, status);
  add_trace_command(app, status);
  add_load_command(app, status);
  add_order(app, "reload", "Make the running gateway read its configuration anew", status);
  add_order(app, "upgrade", "Make the running gateway start its program anew, which takes over without a gap",
            status);
  add_backend(app, status);
  add_config(app, status);
  add_dns(app, status);
  add_ports(app, status);
  add_completion(app, status);
  if (argc > 1 && *argv[1] != '-' && !has_command(app, argv[1])) {
    std::cerr << "sallyport: no such command: " << argv[1] << "; see: sallyport --help\n";
    return kUsage;
  }
  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : kUsage;
  }
  return status;
}

}  // namespace sally::app

int main(int argc, char** argv) { return sally::app::run(argc, argv); }
