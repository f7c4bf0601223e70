#include "app/completion_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

namespace sally::app {
namespace {

/// What may follow a command: its subcommands and its flags.
struct Command {
  std::string path;                                        ///< "cert show"; empty: the program itself
  std::vector<std::pair<std::string, std::string>> words;  ///< the word and what it means
};

void collect(const CLI::App& app, const std::string& path, std::vector<Command>& all) {
  Command command{path, {}};
  for (const CLI::App* sub : app.get_subcommands({}))
    command.words.emplace_back(sub->get_name(), sub->get_description());
  for (const CLI::Option* option : app.get_options({}))
    for (const std::string& name : option->get_lnames())
      command.words.emplace_back("--" + name, option->get_description());
  all.push_back(std::move(command));
  for (const CLI::App* sub : app.get_subcommands({}))
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), all);
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

void write_bash(const std::vector<Command>& all, std::ostream& out) {
  out << "_sallyport() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} path= i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    [[ ${COMP_WORDS[i]} == -* ]] || path+=\"${path:+ }${COMP_WORDS[i]}\"\n"
         "  done\n"
         "  case $path in\n";
  for (const Command& command : all) {
    out << "    " << in_quotes(command.path) << (command.words.empty() || command.path.empty() ? "" : "*")
        << ") COMPREPLY=($(compgen -W \"";
    for (const auto& [word, meaning] : command.words) out << word << " ";
    out << "\" -- \"$word\")) ;;\n";
  }
  out << "  esac\n"
         "  ((${#COMPREPLY[@]})) || COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "}\n"
         "complete -o filenames -F _sallyport sallyport\n";
}

void write_fish(const std::vector<Command>& all, std::ostream& out) {
  for (const Command& command : all) {
    std::string seen;
    for (std::string_view rest = command.path; !rest.empty();) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      seen += (seen.empty() ? "" : "; and ") +
              ("__fish_seen_subcommand_from " + std::string(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (seen.empty()) seen = "__fish_use_subcommand";
    for (const auto& [word, meaning] : command.words) {
      out << "complete -c sallyport -n " << in_quotes(seen);
      if (word.starts_with("--"))
        out << " -l " << word.substr(2);
      else
        out << " -f -a " << word;
      out << " -d " << in_quotes(meaning) << "\n";
    }
  }
}

}  // namespace

int completion(const CLI::App& app, std::string_view shell, std::ostream& out, std::ostream& err) {
  std::vector<Command> all;
  collect(app, "", all);
  std::ranges::reverse(all);  // the longest path first: bash takes the first pattern that fits
  if (shell == "zsh") out << "autoload -U +X bashcompinit && bashcompinit\n";
  if (shell == "bash" || shell == "zsh") {
    write_bash(all, out);
  } else if (shell == "fish") {
    write_fish(all, out);
  } else {
    err << "sallyport: completion: no script for \"" << shell << "\"; there are bash, zsh and fish\n";
    return 64;
  }
  return 0;
}

}  // namespace sally::app
