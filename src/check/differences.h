// check/differences.h - one name, several addresses: what is not the same at each of them.
#pragma once
#include <memory>
#include <span>

#include "check/run.h"

namespace sally::check {

/// Adds a finding to each endpoint that differs from the first one that speaks TLS. All must be of one name.
void judge_differences(std::span<const std::unique_ptr<Examined>> addresses);

}  // namespace sally::check
