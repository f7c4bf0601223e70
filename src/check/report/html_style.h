// check/report/html_style.h - how the page of a report looks, and text upon it.
#pragma once
#include <string>
#include <string_view>

#include "base/escape.h"

namespace sally::check {

/// Text of a peer's: nothing in it is markup, and control characters are seen.
inline std::string html(std::string_view raw) {
  std::string out;
  append_html(out, visible(raw));
  return out;
}

inline constexpr std::string_view kReportHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>)";

inline constexpr std::string_view kReportStyle = R"(</title>
<style>
:root { --ink: #1d2433; --soft: #5b6478; --ground: #f6f7f9; --card: #fff; --edge: #e2e5eb; --accent: #0b7a75;
        --clear: #a36200; --good: #12805c; --fair: #a36200; --bad: #c0322b; --low: #2b6cb0 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaf0; --soft: #9aa3b5; --ground: #12151c; --card: #1a1e28; --edge: #2a303d; --accent: #4fd1c5;
          --clear: #f0b429; --good: #4fd18b; --fair: #f0b429; --bad: #ff7b72; --low: #79b8ff }
}
* { box-sizing: border-box }
body { margin: 0; padding: 2.5rem 1.25rem 4rem; background: var(--ground); color: var(--ink);
       font: 1rem/1.55 system-ui, sans-serif }
main { max-width: 58rem; margin: 0 auto }
h1 { margin: 0; font-size: 1.375rem; font-weight: 650 }
h2 { margin: 0; font-size: 1.375rem; font-weight: 650; overflow-wrap: anywhere }
h3 { margin: 2rem 0 .75rem; font-size: .8125rem; font-weight: 650; letter-spacing: .06em; text-transform: uppercase;
     color: var(--soft) }
h4 { margin: 0; font-size: 1.0625rem; font-weight: 600 }
p { margin: .25rem 0 0 }
.soft { color: var(--soft); font-size: .875rem }
.endpoint { margin-top: 1.5rem; padding: 1.75rem; background: var(--card); border: 1px solid var(--edge);
            border-radius: .875rem }
.top { display: flex; gap: 1.5rem; align-items: center; flex-wrap: wrap }
.grade { flex: none; width: 5rem; height: 5rem; border-radius: 1.25rem; display: grid; place-items: center;
         font-size: 2.25rem; font-weight: 700; letter-spacing: -.02em; color: var(--card); background: var(--bad) }
.grade.good { background: var(--good) } .grade.fair { background: var(--fair) }
.words { flex: 1; min-width: 14rem }
.bars { flex: 0 1 17rem; min-width: 13rem; font-size: .8125rem }
.bar { display: grid; grid-template-columns: 6.5rem 1fr 2rem; gap: .625rem; align-items: center; color: var(--soft) }
.bar i { height: .375rem; border-radius: 1rem; background: var(--edge); overflow: hidden }
.bar b { display: block; height: 100%; background: var(--accent) }
.bar span:last-child { text-align: right; font-variant-numeric: tabular-nums }
.finding { padding: .875rem 0 .875rem 1.125rem; border-left: .25rem solid var(--soft); margin-bottom: .875rem }
.finding.critical, .finding.high { border-color: var(--bad) } .finding.medium { border-color: var(--fair) }
.finding.low { border-color: var(--low) }
.severity { display: inline-block; margin-right: .5rem; font-size: .75rem; font-weight: 650; letter-spacing: .04em;
            text-transform: uppercase; color: var(--soft) }
.critical .severity, .high .severity { color: var(--bad) } .medium .severity { color: var(--fair) }
.low .severity { color: var(--low) }
dl { margin: .5rem 0 0; display: grid; grid-template-columns: 4rem 1fr; gap: .125rem .75rem }
dl.facts { grid-template-columns: 8.5rem 1fr; gap: .375rem 1rem }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate }
code, pre { font: .875em/1.5 ui-monospace, "DejaVu Sans Mono", monospace }
pre { margin: .5rem 0 0; padding: .625rem .875rem; background: var(--ground); border: 1px solid var(--edge);
      border-radius: .5rem; white-space: pre-wrap; overflow-wrap: anywhere }
.well { color: var(--good); font-weight: 600 }
ul.names { margin: 0; padding: 0; list-style: none } ul.names code { overflow-wrap: anywhere }
svg.handshake { display: block; width: 100%; max-width: 47.5rem; height: auto; font-family: system-ui, sans-serif }
.handshake .life { stroke: var(--edge); stroke-width: 2 }
.handshake .head { fill: var(--ground); stroke: var(--edge) }
.handshake .who { fill: var(--ink); font-size: 13px; font-weight: 600 }
.handshake .name { fill: var(--ink); font-size: 13px; font-weight: 600 }
.handshake .note, .handshake .time { fill: var(--soft); font-size: 11px }
.handshake .time { font-variant-numeric: tabular-nums }
.handshake .open line { stroke: var(--clear); stroke-width: 1.75; stroke-dasharray: 5 4 }
.handshake .open path { fill: var(--clear) }
.handshake .closed line { stroke: var(--accent); stroke-width: 1.75 } .handshake .closed path { fill: var(--accent) }
.key i { display: inline-block; width: 1.75rem; margin: 0 .375rem .25rem 0; border-top: 2px dashed var(--clear) }
.key i + span { margin-right: 1.25rem } .key .whole { border-top: 2px solid var(--accent) }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .8125rem }
@media print {
  :root { --ink: #000; --soft: #444; --ground: #fff; --card: #fff; --edge: #bbb; --accent: #0b7a75; --clear: #a36200;
          --good: #12805c; --fair: #a36200; --bad: #c0322b; --low: #2b6cb0 }
  body { padding: 0; font-size: 10pt } .endpoint { border: 0; padding: 0; break-before: page }
  .endpoint:first-of-type { break-before: auto } .finding, svg, dl, h3 + * { break-inside: avoid }
  h3 { break-after: avoid }
  .grade, .bar i, .bar b { -webkit-print-color-adjust: exact; print-color-adjust: exact }
}
</style>
</head>
<body>
<main>
)";

}  // namespace sally::check
