"""Figures into a table: for the terminal, for a document, and as JSON."""

import json
import statistics
from dataclasses import dataclass, field
from pathlib import Path

import checks
import generators
from peers import COMMANDS, OURS, PEERS
from rows import KIB, Row

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


@dataclass
class Result:
    """One row's measurements: seconds of CPU per operation, or bytes per connection, of each server."""

    row: Row
    values: dict[str, list[float]] = field(default_factory=dict)
    user_share: dict[str, float] = field(default_factory=dict)  # part of the CPU time outside the kernel
    missing: dict[str, str] = field(default_factory=dict)  # why a server has no figure
    busy_elsewhere: float = 0.0  # part of the machine's time that something else used meanwhile

    def median(self, name: str) -> float | None:
        values = self.values.get(name)
        return statistics.median(values) if values else None

    def spread(self) -> float:
        """The largest (greatest - least) / median of any server."""
        return max(((max(v) - min(v)) / statistics.median(v) for v in self.values.values() if v), default=0.0)

    def ratio(self, peer: str) -> float | None:
        """Our median divided by the peer's."""
        ours, theirs = self.median(OURS), self.median(peer)
        return ours / theirs if ours is not None and theirs else None

    def best_ratio(self) -> float | None:
        """Our median divided by the best peer's."""
        return max((r for r in map(self.ratio, PEERS) if r is not None), default=None)

    def limit_text(self) -> str:
        if self.row.limit is None:
            return ""
        if self.row.load == "idle":
            return f"{self.row.limit / KIB:g} KiB"
        return f"{self.row.limit:g} {'best' if self.row.of_best else 'nginx'}"

    def verdict(self) -> str:
        """Whether the limit is kept: "yes", "no", or "" when nothing can be said."""
        of_peers = self.best_ratio() if self.row.of_best else self.ratio("nginx")
        measured = self.median(OURS) if self.row.load == "idle" else of_peers
        if measured is None or self.row.limit is None:
            return ""
        return "yes" if measured <= self.row.limit else "no"


def figure(row: Row, value: float | None) -> str:
    if value is None:
        return "-"
    scaled = value / KIB if row.load == "idle" else value * 1e6
    return f"{scaled:.0f}" if scaled >= 100 else f"{scaled:.1f}"


def ratio_text(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def cells(results: list[Result]) -> list[list[str]]:
    """Head and rows, as text."""
    others = [name for name in COMMANDS if name != OURS]
    head = ["operation", "unit", *COMMANDS, *(f"/{name}" for name in others), "/best", "limit", "kept", "spread"]
    rows = [head]
    for result in results:
        row = result.row
        rows.append([row.title, row.unit, *(figure(row, result.median(name)) for name in COMMANDS),
                     *(ratio_text(result.ratio(name)) for name in others), ratio_text(result.best_ratio()),
                     result.limit_text(), result.verdict(), f"{result.spread():.0%}"])
    return rows


def notes(results: list[Result] | list[checks.Result] | list[generators.Result], versions: dict[str, str]) -> list[str]:
    """What must be known beside the figures."""
    said = [", ".join(f"{name} {number}" for name, number in versions.items())] if versions else []
    reasons: dict[str, list[str]] = {}
    for result in results:
        for name, why in result.missing.items():
            reasons.setdefault(f"no figure for {name}: {why}", []).append(result.row.id)
    for why, ids in reasons.items():
        said.append(why if len(ids) == len(results) else f"{why} ({', '.join(ids)})")
    busiest = max((result.busy_elsewhere for result in results), default=0.0)
    if busiest > 0.05:
        said.append(f"the machine was up to {busiest:.0%} busy with something else: not to be quoted")
    return said


def tables(results: list[Result], of_checks: list[checks.Result], of_loads: list[generators.Result],
           versions: dict[str, str]) -> list[tuple[list[list[str]], list[str]]]:
    """The tables of servers, checkers and generators, each with its notes; none when it has no row."""
    servers = {name: number for name, number in versions.items() if name not in checks.RIVALS}
    checkers = {name: number for name, number in versions.items() if name in (*checks.CHECKERS, "nginx")}
    made = [(cells(results), notes(results, servers))] if results else []
    if of_checks:
        made.append((checks.cells(of_checks), notes(of_checks, checkers)))
    if of_loads:
        made.append((generators.cells(of_loads), notes(of_loads, {n: v for n, v in versions.items() if n in (*generators.GENERATORS, "nginx")})))
    return made


def as_text(results: list[Result], versions: dict[str, str], of_checks: list[checks.Result] = (),
            of_loads: list[generators.Result] = ()) -> str:
    return "\n\n".join(text_of(rows, said) for rows, said in tables(results, of_checks, of_loads, versions))


def text_of(rows: list[list[str]], said: list[str]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                       for i, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows]
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join([*lines, "", *said])


def as_markdown(results: list[Result], versions: dict[str, str], of_checks: list[checks.Result] = (),
                of_loads: list[generators.Result] = ()) -> str:
    return "\n\n".join(markdown_of(rows, said) for rows, said in tables(results, of_checks, of_loads, versions))


def markdown_of(table: list[list[str]], said: list[str]) -> str:
    head, *rows = table
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", *(f"- {note}" for note in said)])


def write_markdown(path: Path, table: str) -> None:
    """Puts the table between the markers of the document; at its end, with markers, when it has none."""
    text = path.read_text() if path.exists() else "# Performance\n"
    block = f"{BEGIN}\n{table}\n{END}"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if begin and not end:
        raise SystemExit(f"bench: {path}: {BEGIN} without {END}")
    path.write_text(f"{before}{block}{after}" if begin else f"{text.rstrip()}\n\n{block}\n")


def write_json(path: Path, results: list[Result], versions: dict[str, str],
               of_checks: list[checks.Result] = (), of_loads: list[generators.Result] = ()) -> None:
    rows = [{"id": r.row.id, "title": r.row.title, "unit": "bytes" if r.row.load == "idle" else "seconds",
             "values": r.values, "medians": {name: r.median(name) for name in r.values}, "user_share": r.user_share,
             "ratios": {name: r.ratio(name) for name in COMMANDS if name != OURS}, "limit": r.row.limit,
             "kept": r.verdict(), "missing": r.missing, "busy_elsewhere": r.busy_elsewhere} for r in results]
    path.write_text(json.dumps({"versions": versions, "rows": rows + checks.as_json(of_checks) + generators.as_json(of_loads)}, indent=2) + "\n")
