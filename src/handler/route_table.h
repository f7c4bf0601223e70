// handler/route_table.h - which rule of a site a request falls under: the most specific one that holds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "handler/path_reading.h"
#include "http/exchange.h"
#include "net/address_range.h"

namespace sally::handler {

/// A field that a request must have.
struct FieldRule {
  std::string name;                  ///< lower case
  std::optional<std::string> value;  ///< one line of that name must be just this; nullopt: any
};

/// Holds for a request when each of its parts does.
struct RouteRule {
  /// "" any path; "/a" that path alone; "/a/*" that path and all beneath it. Decoded, see check_route_path().
  std::string path;
  std::vector<std::string> methods;   ///< one of them; none: any. GET is HEAD too (RFC 9110 9.3.2)
  std::vector<FieldRule> fields;      ///< all of them
  std::vector<AddressRange> clients;  ///< one of them; none: any

  /// How many of methods, fields and clients are asked for.
  std::size_t conditions() const;
  /// Whether all but the path holds. `client` is its numeric address.
  bool admits(const http::Request& request, std::string_view client) const;
};

/// What is wrong with the path of a rule, or "". Paths are written decoded and in the one form that readers
/// agree on: no escapes, no empty and no dot segments, no ';' and no backslash, a star only as the last
/// segment.
std::string check_route_path(std::string_view path);

/// The rules of a site, compiled. The most specific rule that holds is the first in this order: the whole
/// path; then the longest path with a star (none is "/*"); then the most conditions; then the order given.
class RouteTable {
 public:
  struct Choice {
    enum class Kind : std::uint8_t {
      none,     ///< no rule holds
      rule,     ///< rules[index] holds
      refused,  ///< which one holds depends on who reads the path: see PathReadings
    };
    Kind kind = Kind::none;
    std::size_t index = 0;
    /// Of the path, as many segments as the rule's path has before its star; all where it has none.
    std::size_t segments = 0;
  };

  /// Each path is one that check_route_path() likes.
  explicit RouteTable(std::vector<RouteRule> rules);
  RouteTable(RouteTable&&) noexcept;
  ~RouteTable();

  /// cost  one look-up for each segment of the path, then the conditions of the rules on the way
  Choice choose(const http::Request& request, std::string_view client);
  const std::vector<RouteRule>& rules() const { return rules_; }

 private:
  struct Node;
  void insert(std::size_t rule);
  Choice choose_for(std::string_view path, const http::Request& request, std::string_view client);
  Choice first_of(const std::vector<std::uint32_t>& rules, std::size_t segments, const http::Request& request,
                  std::string_view client) const;

  std::vector<RouteRule> rules_;
  std::unique_ptr<Node> root_;
  std::vector<const Node*> way_;  ///< of one request, from the root on
  PathReader reader_;
};

}  // namespace sally::handler
