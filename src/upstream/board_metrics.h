// upstream/board_metrics.h - what the board knows of each backend, for whoever watches.
#pragma once
#include "base/metric.h"
#include "upstream/board.h"

namespace sally::upstream {

/// Labels: the site (with its route, where that has backends of its own) and the backend's address.
class BoardMetrics final : public MetricSource {
 public:
  /// `board` outlives it.
  explicit BoardMetrics(Board& board) : board_(board) {}
  void visit(MetricVisitor& visitor) const override;

 private:
  Board& board_;
};

}  // namespace sally::upstream
