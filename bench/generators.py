"""Our load generator beside h2load: do they say the same of one server, and what does each cost its own machine?"""

import os
import re
import statistics
import subprocess
from dataclasses import dataclass, field

import load
import measure
import peers
from peers import OURS
from rows import Row

GENERATORS = (OURS, "h2load")


@dataclass(frozen=True)
class Figure:
    """One line of the table: a list of Said."""

    id: str
    title: str
    unit: str
    limit: float | None = None  # our median divided by h2load's
    agrees: bool = False  # instead of a limit: the medians differ by no more than the runs of one generator do

    def limit_text(self) -> str:
        return "spread" if self.agrees else "" if self.limit is None else f"<= {self.limit:g}"


FIGURES = (
    Figure("client_us", "CPU of the generator for a request", "us", 1.0),
    Figure("per_second", "requests a second that it tells", "/s", agrees=True),
    Figure("server_us", "nginx's CPU for a request", "us", agrees=True),
)


@dataclass
class Said:
    """One generator's measurements of one row."""

    per_second: list[float] = field(default_factory=list)
    client_us: list[float] = field(default_factory=list)  # of its own CPU, for each request
    server_us: list[float] = field(default_factory=list)


@dataclass
class Result:
    """What both generators say of one row."""

    row: Row
    said: dict[str, Said] = field(default_factory=lambda: {name: Said() for name in GENERATORS})
    missing: dict[str, str] = field(default_factory=dict)  # why a generator has no figure
    busy_elsewhere: float = 0.0

    def median(self, figure: Figure, name: str) -> float | None:
        values = getattr(self.said[name], figure.id)
        return statistics.median(values) if values and name not in self.missing else None

    def ratio(self, figure: Figure) -> float | None:
        ours, theirs = (self.median(figure, name) for name in GENERATORS)
        return ours / theirs if ours is not None and theirs else None

    def verdict(self, figure: Figure) -> str:
        """Whether the limit is kept: "yes", "no", or "" when nothing can be said."""
        ratio = self.ratio(figure)
        if ratio is None or (figure.limit is None and not figure.agrees):
            return ""
        kept = abs(ratio - 1) <= self.spread(figure) if figure.agrees else ratio <= figure.limit
        return "yes" if kept else "no"

    def spread(self, figure: Figure) -> float:
        """The larger (greatest - least) / median of both."""
        values = [getattr(self.said[name], figure.id) for name in GENERATORS if name not in self.missing]
        return max(((max(v) - min(v)) / statistics.median(v) for v in values if v), default=0.0)


def rate_of_h2load(row: Row, count: int, output: str) -> float:
    load.check_h2load(row, count, output)
    said = re.search(r"^finished in .*, ([0-9.]+) req/s", output, re.M)
    if not said:
        raise load.Failed("h2load told no rate")
    return float(said[1])


def measure_one(bench: peers.Bench, name: str, row: Row, server: peers.Running, count: int, said: Said) -> None:
    ours = name == GENERATORS[0]
    command = load.our_command(bench, row, server.port, count) if ours else load.h2load_command(bench, row, server.port, count)
    before = measure.settled_cpu_seconds(server.process.pid)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
    assert process.stdout
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    said.per_second.append(load.report_of_ours(row, count, output)["per_second"] if ours else rate_of_h2load(row, count, output))
    said.client_us.append((used.ru_utime + used.ru_stime) * 1e6 / count)
    said.server_us.append((measure.settled_cpu_seconds(server.process.pid) - before) * 1e6 / count)


def run(bench: peers.Bench, result: Result, repeat: int, count: int) -> None:
    """Both load one nginx in turns. Raises RuntimeError when there is no nginx."""
    server = peers.start(bench, "nginx", result.row)
    try:
        for name in GENERATORS * repeat:
            if name in result.missing:
                continue
            try:
                measure_one(bench, name, result.row, server, count, result.said[name])
            except (load.Failed, OSError) as error:
                result.missing[name] = " ".join(str(error).split())
    finally:
        server.stop()


def cells(results: list[Result]) -> list[list[str]]:
    """Head and rows of the table, as text."""
    table = [["load", "figure", "unit", *GENERATORS, f"/{GENERATORS[1]}", "limit", "kept", "spread"]]
    for result in results:
        for figure in FIGURES:
            medians = (result.median(figure, name) for name in GENERATORS)
            ratio = result.ratio(figure)
            table.append([result.row.title, figure.title, figure.unit, *("-" if m is None else f"{m:.0f}" if m >= 100 else f"{m:.2f}" for m in medians),
                          "-" if ratio is None else f"{ratio:.2f}", figure.limit_text(),
                          result.verdict(figure), f"{result.spread(figure):.0%}"])
    return table


def as_json(results: list[Result]) -> list[dict]:
    return [{"id": result.row.id, "title": result.row.title, "missing": result.missing, "busy_elsewhere": result.busy_elsewhere,
             "figures": [{"id": figure.id, "title": figure.title, "unit": figure.unit, "limit": figure.limit,
                          "kept": result.verdict(figure), "values": {n: getattr(result.said[n], figure.id) for n in GENERATORS},
                          "ratio": result.ratio(figure)} for figure in FIGURES]} for result in results]
