// app/load_command.h - `sallyport load`: how much of it a server can bear.
#pragma once
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace sally::app {

struct LoadOptions {
  std::vector<std::string> urls;
  unsigned connections = 10, threads = 1, streams = 1, pipeline = 1;
  double rate = 0;  ///< a second; 0: as fast as possible
  std::uint64_t requests = 0, requests_per_connection = 0;
  std::string duration = "10s", warm_up = "0s", timeout = "30s", hold;
  std::string method;               ///< empty: GET, or POST with a body
  std::string body;                 ///< a file
  std::vector<std::string> fields;  ///< "Name: value"
  std::string http;                 ///< "1.1", "2", or empty: what the server prefers
  std::string handshakes;           ///< "full", "resumed", or empty: requests are counted
  std::vector<std::string> groups, signatures;
  std::vector<std::string> ca;  ///< files of roots to trust beside the system's
  bool insecure = false, ours = false;
  std::string connect_to;  ///< a numeric address
  int server_pid = 0;
  std::string format = "text";
  std::vector<std::string> compare;  ///< two files
};

/// Returns the exit status: 0 all went well, 1 something failed or became worse, 2 no load could be made,
/// 64 usage.
int put_under_load(const LoadOptions& options, std::ostream& out, std::ostream& err);

/// Adds `load` to the command line; what runs puts its result into `status`.
void add_load_command(CLI::App& app, int& status);

}  // namespace sally::app
