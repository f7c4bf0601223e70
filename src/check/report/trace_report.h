// check/report/trace_report.h - a trace for people and for programs.
#pragma once
#include <string>
#include <vector>

#include "check/trace.h"

namespace sally::check {

std::string trace_text(const TraceRequest& request, const Trace& trace, bool colour);
/// A page that loads nothing, with the handshake drawn: for people, on screen and on paper.
std::string trace_html(const TraceRequest& request, const Trace& trace);
/// One object: docs/trace.md has its members.
std::string trace_json(const TraceRequest& request, const Trace& trace);

/// "TLS 1.3, TLS_AES_128_GCM_SHA256, X25519MLKEM768, http/1.1": what was agreed.
std::string agreed_text(const Trace& trace);
/// "trusted", or what is wrong with the certificate.
std::string verdict_text(const TraceRequest& request, const Trace& trace);
/// The path that was found, else what was sent.
const std::vector<crypto::Certificate>& shown_path(const Trace& trace);

}  // namespace sally::check
