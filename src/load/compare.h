// load/compare.h - two results of a load beside each other, and whether they differ by more than chance.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sally::load {

// clang-format off
inline constexpr ErrorKind kBadResult{"load.bad_result", Blame::operator_config, Retry::never,
    "this is no result of a load that could be compared", "name two files that load --format json wrote", "",
    -1, 0};
// clang-format on

struct Figure {
  std::string name;  ///< "requests a second", "latency 99 %"
  double value = 0;
  double low = 0, high = 0;  ///< it lies between, by its own run; both 0: that run says nothing of it
  double slack = 0;  ///< a smaller difference, as a part, is never told: runs differ by more than their noise
  bool more_is_better = false;
};

/// What of a result is compared.
struct Measured {
  std::string operation;           ///< "request" or "handshake"
  std::vector<std::string> terms;  ///< "connections 10": what must be the same for a fair comparison
  std::uint64_t failed = 0;
  std::vector<Figure> figures;
};

/// Reads what load_json() wrote; any text is safe. Errors: load.bad_result.
Result<Measured> parse_result(std::string_view text);

enum class Change : std::uint8_t { within_noise, better, worse };

struct CompareRow {
  std::string name;
  double before = 0, after = 0;
  double ratio = 0;  ///< after / before; 0: there is none
  Change change = Change::within_noise;
};

struct Comparison {
  std::vector<CompareRow> rows;
  std::vector<std::string> differing;  ///< "connections 10, then 20"
  bool is_worse() const;
};

/// Errors: load.bad_result when one counts requests and the other handshakes.
Result<Comparison> compare(const Measured& before, const Measured& after);

std::string compare_text(const Comparison& comparison, bool colour);
std::string compare_json(const Comparison& comparison);

}  // namespace sally::load
