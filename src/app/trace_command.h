// app/trace_command.h - `sallyport trace`: one connection, step by step, as it happened.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sally::app {

struct TraceOptions {
  std::string target;           ///< a host, host:port, or URL
  std::string protocol;         ///< of a target that names none; empty: by the port
  std::string format = "text";  ///< or json, html
  std::string connect_to;       ///< a numeric address to connect to instead of the name's
  std::string server_name;      ///< for SNI, instead of the target's
  std::vector<std::string> ca;  ///< files of roots to trust beside the system's
  bool http2 = false;           ///< offer h2 first
  bool http3 = false;           ///< over QUIC
  std::string records;          ///< folder for the record of a QUIC connection; empty: none
  unsigned timeout_seconds = 10;
};

/// Returns the exit status: 0 connected and trusted, 1 connected and not trusted, 2 no connection, 64 usage.
int trace_connection(const TraceOptions& options, std::ostream& out, std::ostream& err);

/// Adds `trace` to the command line; what runs puts its result into `status`.
void add_trace_command(CLI::App& app, int& status);

}  // namespace sally::app
