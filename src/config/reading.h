// config/reading.h - one reading of a configuration: its faults, all of them, and where each key was written.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/node.h"

namespace sally::config {

class Table;

inline constexpr ErrorKind kInvalid{"config.invalid",
                                    Blame::operator_config,
                                    Retry::never,
                                    "a configuration cannot be used",
                                    "change the lines in the detail",
                                    "",
                                    -1,
                                    0};

/// A line that must change.
struct Problem {
  Place place;
  std::string key;  ///< dotted, from the top: "tls.min_version"; may be empty
  std::string why;

  /// "sallyport.toml:9: tls.min_versoin: no such key; did you mean "min_version"?"; where the place has no
  /// lines, the key is left out: "--tls.tickets: "9" is outside 0..8".
  std::string text() const;
};

/// Collects what is wrong while tables are read, so that people see every bad line at once.
class Reading {
 public:
  /// folder  relative paths in the configuration start there
  /// top     the table of the whole document, to find where a misplaced key belongs; may be nullptr
  explicit Reading(std::filesystem::path folder = {}, const Table* top = nullptr)
      : folder_(std::move(folder)), top_(top) {}

  void add(const Place& place, std::string_view key, std::string why);
  bool ok() const { return problems_.empty(); }
  /// By line; problems of the command line come last.
  const std::vector<Problem>& problems() const { return problems_; }
  /// config.invalid with one problem a line, at most 50 of them.
  std::unexpected<Error> error() const;

  /// The same path, made absolute from the folder of the configuration.
  std::filesystem::path absolute(const std::filesystem::path& path) const;

  void note_place(std::string_view key, const Place& place) {
    places_.insert_or_assign(std::string(key), place);
  }
  /// Where the key was written, or else the nearest table around it.
  Place place_of(std::string_view key) const;
  const Table* top() const { return top_; }

 private:
  std::filesystem::path folder_;
  const Table* top_;
  std::vector<Problem> problems_;
  std::map<std::string, Place, std::less<>> places_;
};

/// A reading, and how far into the document it has come.
struct Spot {
  Reading& reading;
  std::string path;  ///< of keys, dotted; empty at the top

  Spot inside(std::string_view key) const;
  /// Records a problem with this node. Returns false, so that a reader can return it.
  bool bad(const Node& node, std::string why) const;
};

}  // namespace sally::config
