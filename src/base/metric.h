// base/metric.h - how a part of the program shows its counters to whoever watches it.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sally {

/// A constant: all samples of one name share it.
struct MetricFamily {
  enum class Type : std::uint8_t { counter, gauge };
  std::string_view name;  ///< "sallyport_backend_requests_total"; counters end with _total
  std::string_view help;  ///< one sentence, no line end
  Type type = Type::counter;
};

struct MetricVisitor {
  /// labels  `site="a.test",backend="127.0.0.1:3000"`, values by metric_label(); few, and never a client's
  /// choice.
  ///         Samples of a family with the same labels are added up: each core may show its own.
  virtual void sample(const MetricFamily& family, std::string_view labels, double value) = 0;

 protected:
  ~MetricVisitor() = default;
};

struct MetricSource {
  virtual ~MetricSource() = default;
  /// On any thread, while the counters change: they are atomic (base/counter.h).
  virtual void visit(MetricVisitor& visitor) const = 0;
};

/// The sources of the whole process. Thread-safe. One that nobody else holds any more is forgotten.
class MetricSources {
 public:
  static MetricSources& process();
  void add(std::weak_ptr<const MetricSource> source);
  void visit(MetricVisitor& visitor);

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<const MetricSource>> sources_;
};

/// `name="value"`, with quotes, backslashes and line ends escaped.
std::string metric_label(std::string_view name, std::string_view value);

}  // namespace sally
