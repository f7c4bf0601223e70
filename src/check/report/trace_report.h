// check/report/trace_report.h - a trace for people and for programs.
#pragma once
#include <string>

#include "check/trace.h"

namespace sally::check {

std::string trace_text(const TraceRequest& request, const Trace& trace, bool colour);
/// One object: docs/trace.md has its members.
std::string trace_json(const TraceRequest& request, const Trace& trace);

}  // namespace sally::check
