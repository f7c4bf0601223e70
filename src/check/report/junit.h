// check/report/junit.h - a report for pipelines that read JUnit XML: a suite for each endpoint.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "check/run.h"

namespace sally::check {

/// A finding at or above `fail_on` that is not known from a baseline is a failure, other findings pass and
/// are told in system-out; what could not be tested is skipped; an endpoint that speaks no TLS is an error.
/// `fail_on` nullopt: nothing fails.
std::string junit_report(std::span<const Examined> all, std::optional<Severity> fail_on);

}  // namespace sally::check
