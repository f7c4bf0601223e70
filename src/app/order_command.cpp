#include "app/order_command.h"

#include <filesystem>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "app/terminal.h"
#include "config/toml.h"
#include "gateway/control.h"
#include "os/folders.h"

namespace sally::app {
namespace {

namespace fs = std::filesystem;

/// Read by itself: the rest of the file may be what the gateway is to refuse.
std::string written_state(const std::string& config) {
  const auto root = config::read_toml(config);
  if (!root) return {};
  const config::Node* state = root->find("state");
  if (state == nullptr || state->kind != config::Node::Kind::text) return {};
  return (fs::absolute(config).parent_path() / state->text).string();
}

/// Where the running gateway may keep its state, the likeliest first.
std::vector<fs::path> state_folders(const OrderOptions& options) {
  std::vector<fs::path> out;
  if (!options.state.empty()) return {options.state};
  if (options.folder.empty())
    if (const std::string written = written_state(options.config); !written.empty())
      out.emplace_back(written);
  if (const auto usual = data_folder()) out.emplace_back(*usual);
  out.emplace_back("/var/lib/sallyport");  // a service's, asked by root
  return out;
}

}  // namespace

int order(const OrderOptions& options, std::string_view word, std::ostream& out, std::ostream& err) {
  const fs::path what = options.folder.empty() ? options.config : options.folder;
  std::optional<Error> first;
  for (const fs::path& state : state_folders(options)) {
    auto verdict = gateway::give_order(gateway::control_path(state, what), word);
    if (verdict) {
      (verdict->good ? out : err) << (verdict->good ? "" : "refused: ") << verdict->text << "\n";
      return verdict->good ? 0 : 1;
    }
    if (!first || !verdict.error().is(gateway::kNotRunning)) first.emplace(std::move(verdict).error());
  }
  return tell(err, *first);
}

}  // namespace sally::app
