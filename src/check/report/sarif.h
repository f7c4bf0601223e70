// check/report/sarif.h - a report as SARIF 2.1.0 (OASIS), which code scanning services read.
#pragma once
#include <span>
#include <string>

#include "check/run.h"

namespace sally::check {

/// One run: every finding is a result at "https://host:port/" (for another protocol than HTTP "tls://"), with
/// a fingerprint of endpoint and id, so that a service knows it again. What was not tested is a notification.
std::string sarif_report(std::span<const Examined> all);

}  // namespace sally::check
