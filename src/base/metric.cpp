#include "base/metric.h"

#include <utility>

namespace sally {

MetricSources& MetricSources::process() {
  static MetricSources all;
  return all;
}

void MetricSources::add(std::weak_ptr<const MetricSource> source) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(sources_, [](const auto& one) { return one.expired(); });
  sources_.push_back(std::move(source));
}

void MetricSources::visit(MetricVisitor& visitor) {
  std::vector<std::weak_ptr<const MetricSource>> now;
  {
    const std::scoped_lock lock(mutex_);
    now = sources_;
  }
  for (const auto& one : now)
    if (const auto source = one.lock()) source->visit(visitor);
}

std::string metric_label(std::string_view name, std::string_view value) {
  std::string out(name);
  out += "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out += '"';
}

}  // namespace sally
