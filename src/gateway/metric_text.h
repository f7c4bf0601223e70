// gateway/metric_text.h - metrics in the text format of Prometheus, version 0.0.4.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "base/metric.h"

namespace sally::gateway {

/// Gathers samples, adds up those with the same labels, and writes each family once with its HELP and TYPE.
class MetricText final : public MetricVisitor {
 public:
  void sample(const MetricFamily& family, std::string_view labels, double value) override;
  /// A histogram in seconds. Samples with the same labels are added up too.
  void latency(std::string_view name, std::string_view help, std::string_view labels,
               const LatencyHistogram& h);
  std::string text() const;

 private:
  struct Family {
    std::string_view help, type;
    std::map<std::string, double, std::less<>> lines;  ///< "{labels}" -> value
  };
  struct Histogram {
    std::string_view help;
    std::map<std::string, std::vector<std::uint64_t>, std::less<>>
        lines;  ///< buckets, then the sum in microseconds
  };
  void write_histogram(std::string& out, std::string_view name, const Histogram& histogram) const;

  std::map<std::string_view, Family> families_;
  std::map<std::string_view, Histogram> histograms_;
};

}  // namespace sally::gateway
