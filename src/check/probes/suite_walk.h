// check/probes/suite_walk.h - what a walk over the suites of one version has seen, and what it asks on the
// way.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "check/gather.h"
#include "check/probe.h"
#include "check/probes/half_open.h"

namespace sally::check {

/// One answer: what was offered, in its order, and what was taken of it.
struct Pick {
  std::vector<std::uint16_t> offered;
  std::uint16_t suite = 0;
};

/// Does the server's preference count? Told by the picks when hellos offered their suites in either
/// direction: a server that follows the client takes the first that it has, whatever the direction. Absent:
/// too few picks to tell.
std::optional<bool> server_order_of(const std::vector<Pick>& picks);

/// Half of a handshake is all that a walk needs; the other half answers other questions on the same
/// connections: ChangeCipherSpec before keys, wrong RSA key exchanges.
class OtherHalf {
 public:
  explicit OtherHalf(Examination& x) : x_(x), asking_(x.loop) {}

  /// `line`: the server has sent `answer` on it and waits.
  void take(const Answer& answer, Line line);
  /// Waits for the answers and writes down what they tell without doubt; the rest is left to the probes of
  /// these questions.
  Task<Unit> settle();

 private:
  Examination& x_;
  Gather asking_;
  bool ccs_asked_ = false;
  unsigned flaws_ = 0;  ///< that were sent
  std::array<std::string, kKeyExchangeFlaws> answers_;
};

}  // namespace sally::check
