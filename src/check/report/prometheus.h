// check/report/prometheus.h - a report as metrics, for a file that a node exporter or a script hands on.
#pragma once
#include <span>
#include <string>

#include "check/run.h"

namespace sally::check {

/// The text format 0.0.4 of Prometheus. Each series is there once, even when an endpoint was asked for twice.
std::string prometheus_report(std::span<const Examined> all);

}  // namespace sally::check
