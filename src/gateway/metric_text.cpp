#include "gateway/metric_text.h"

#include <fmt/format.h>

#include <iterator>

namespace sally::gateway {
namespace {

void write_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

std::string braced(std::string_view labels) { return labels.empty() ? "" : fmt::format("{{{}}}", labels); }

}  // namespace

void MetricText::sample(const MetricFamily& family, std::string_view labels, double value) {
  Family& all = families_[family.name];
  all.help = family.help;
  all.type = family.type == MetricFamily::Type::counter ? "counter" : "gauge";
  all.lines[std::string(labels)] += value;
}

void MetricText::latency(std::string_view name, std::string_view help, std::string_view labels,
                         const LatencyHistogram& h) {
  Histogram& all = histograms_[name];
  all.help = help;
  std::vector<std::uint64_t>& line = all.lines[std::string(labels)];
  line.resize(LatencyHistogram::kBuckets + 1);
  for (std::size_t i = 0; i < LatencyHistogram::kBuckets; ++i) line[i] += h.count(i);
  line.back() += h.sum_microseconds();
}

std::string MetricText::text() const {
  std::string out;
  for (const auto& [name, family] : families_) {
    write_head(out, name, family.help, family.type);
    for (const auto& [labels, value] : family.lines)
      fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, braced(labels), value);
  }
  for (const auto& [name, histogram] : histograms_) write_histogram(out, name, histogram);
  return out;
}

void MetricText::write_histogram(std::string& out, std::string_view name, const Histogram& histogram) const {
  write_head(out, name, histogram.help, "histogram");
  for (const auto& [labels, line] : histogram.lines) {
    const std::string before = labels.empty() ? "" : labels + ",";
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
      count += line[i];
      const bool bounded = i < LatencyHistogram::kBounds.size();
      const std::string bound =
          bounded ? fmt::format("{}", static_cast<double>(LatencyHistogram::kBounds[i]) / 1e6) : "+Inf";
      fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"{}\"}} {}\n", name, before, bound, count);
    }
    fmt::format_to(std::back_inserter(out), "{}_sum{} {}\n{}_count{} {}\n", name, braced(labels),
                   static_cast<double>(line.back()) / 1e6, name, braced(labels), count);
  }
}

}  // namespace sally::gateway
