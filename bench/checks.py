"""The rows of `sallyport check`: it and other checkers examine one nginx, and what it costs each of them is measured."""

import json
import os
import re
import shutil
import statistics
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import measure
import peers
from peers import OURS, Bench, Running
from rows import Row

RIVALS = ("testssl.sh", "sslscan", "nmap", "sslyze", "ssh-audit")
CHECKERS = (OURS, *RIVALS)
PROGRAMS = {"testssl.sh": ("testssl", "testssl.sh"), "sslscan": ("sslscan",), "nmap": ("nmap",), "sslyze": ("sslyze",), "ssh-audit": ("ssh-audit",)}
ASK_VERSION = {"testssl.sh": "--version", "sslscan": "--version", "nmap": "--version"}
LONGEST_SECONDS = 600
ONCE_SECONDS = 20.0  # a checker that takes longer is measured once


class Failed(Exception):
    """A checker did not examine what it had to: the measurement does not count."""


@dataclass(frozen=True)
class Used:
    """What one run of a checker cost: seconds of wall time and of its CPU, and connections that the server accepted."""

    wall: float
    cpu: float
    connections: int


@dataclass(frozen=True)
class Figure:
    """One line of the table, made of a Used and the number of targets."""

    id: str
    row: str  # id of the row it belongs to
    title: str
    unit: str
    limit: float | None = None
    at_least: bool = False  # more is better, and the limit is the least

    def of(self, used: Used, targets: int) -> float:
        return {"wall": used.wall, "cpu": used.cpu, "connections": used.connections / targets,
                "per_core": targets / used.cpu if used.cpu else 0.0, "per_second": targets / used.wall}[self.id]


FIGURES = (
    Figure("wall", "check-default", "a whole check of one nginx", "s", 0.5),
    Figure("cpu", "check-default", "the checker's CPU time for it", "s"),
    Figure("connections", "check-default", "connections for it", "", 60),
    Figure("per_core", "check-quick", "1,000 targets, --quick: for a second of CPU", "targets", 300, at_least=True),
    Figure("per_second", "check-quick", "the same, with one core for all of nginx", "targets/s"),
    Figure("connections", "check-quick", "connections for one of them", ""),
    Figure("wall", "check-ssh", "a whole check of one OpenSSH", "s", 0.3),
    Figure("cpu", "check-ssh", "the checker's CPU time for it", "s"),
    Figure("connections", "check-ssh", "connections for it", "", 4),
)


@dataclass
class Result:
    """What the runs of one row cost each checker."""

    row: Row
    targets: int
    runs: dict[str, list[Used]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # why a checker has no figure
    busy_elsewhere: float = 0.0

    def figures(self) -> list[Figure]:
        return [figure for figure in FIGURES if figure.row == self.row.id]

    def values(self, figure: Figure, name: str) -> list[float]:
        return [figure.of(used, self.targets) for used in self.runs.get(name, [])]

    def median(self, figure: Figure, name: str) -> float | None:
        values = self.values(figure, name)
        return statistics.median(values) if values else None

    def ratio(self, figure: Figure, rival: str) -> float | None:
        """Our median divided by the rival's."""
        ours, theirs = self.median(figure, OURS), self.median(figure, rival)
        return ours / theirs if ours is not None and theirs else None

    def spread(self, figure: Figure) -> float:
        """The largest (greatest - least) / median of any checker."""
        all_values = [values for name in self.runs if (values := self.values(figure, name))]
        return max(((max(v) - min(v)) / statistics.median(v) for v in all_values if statistics.median(v)), default=0.0)

    def verdict(self, figure: Figure) -> str:
        """Whether the limit is kept: "yes", "no", or "" when nothing can be said. The limit itself is kept by "at least" only."""
        measured = self.median(figure, OURS)
        if measured is None or figure.limit is None:
            return ""
        return "yes" if (measured >= figure.limit if figure.at_least else measured < figure.limit) else "no"


def program_of(bench: Bench, name: str) -> str | None:
    """Where the checker is; None when it is not here."""
    if name == OURS:
        return str(bench.binary) if bench.binary.exists() else None
    return next((found for program in PROGRAMS[name] if (found := shutil.which(program))), None)


def absent(bench: Bench, row: Row, names: tuple[str, ...]) -> dict[str, str]:
    """The checkers that have no figure in this row, with the reason."""
    missing = {}
    for name in names:
        if program_of(bench, name) is None:
            missing[name] = "not built; run `./dev build` first" if name == OURS else "not installed"
        elif row.load == "check-many" and name != OURS:
            missing[name] = "it has no quick mode"
        elif name != OURS and (row.load == "check-ssh") != (name == "ssh-audit"):
            missing[name] = "it knows no TLS" if name == "ssh-audit" else "it knows no SSH"
    return missing


def versions(bench: Bench, names: tuple[str, ...]) -> dict[str, str]:
    """The versions of the rivals that are here and tell theirs."""
    found = {}
    for name in names:
        if name not in ASK_VERSION or not (program := program_of(bench, name)):
            continue
        shown = subprocess.run([program, ASK_VERSION[name]], capture_output=True, text=True, check=False, timeout=60,
                               stdin=subprocess.DEVNULL)
        plain = re.sub(r"\x1b\[[\d;]*m", "", shown.stdout + shown.stderr)
        if number := re.search(r"\b\d+\.\d+[\w.+-]*", plain):
            found[name] = number[0]
    return found


def command(bench: Bench, row: Row, name: str, server: Running, targets: int) -> list[str]:
    """The command line by which the checker examines the server, all it examines of itself."""
    program, target = program_of(bench, name), f"127.0.0.1:{server.port}"
    assert program is not None
    if row.load == "check-many":
        names = bench.work / "targets.txt"
        names.write_text("".join(f"n{number}.check.test:{server.port}\n" for number in range(targets)))
        return [program, "check", "--targets", str(names), "--connect", "127.0.0.1", "--quick", "--format", "jsonl",
                "--ca", str(bench.work / "cert.pem"), "--host-connections", "200"]
    if row.load == "check-ssh":
        return [program, "check", f"ssh://{target}", "--format", "json"] if name == OURS else [program, "-p", str(server.port), "127.0.0.1"]
    if name == OURS:
        return [program, "check", target, "--ca", str(bench.work / "cert.pem"), "--format", "json", "--all"]
    return {"testssl.sh": [program, "--quiet", "--color", "0", "--warnings", "off", "--ip", "one", target],
            "sslscan": [program, "--no-colour", target],
            "nmap": [program, "-Pn", "-n", "-sT", "-p", str(server.port), "--script", "+ssl-enum-ciphers", "127.0.0.1"],
            "sslyze": [program, target]}[name]


def verify_ours(row: Row, targets: int, output: str) -> None:
    """Raises Failed unless our report says that each target was tested and offers TLS 1.2 and 1.3."""
    try:
        if row.load == "check-ssh":
            seen = json.loads(output)["targets"][0]["observations"]["ssh"]
            if len(seen["host_keys"]) == len(HOST_KEYS) and seen["methods"] and all(key["proven"] for key in seen["host_keys"]):
                return
            raise Failed(f"the report names {len(seen['host_keys'])} of {len(HOST_KEYS)} host keys")
        reports = ([json.loads(line) for line in output.splitlines()] if row.load == "check-many"
                   else json.loads(output)["targets"])
        sound = sum({"TLS 1.2", "TLS 1.3"} == {v["version"] for v in report["observations"]["versions"]
                                              if v["offered"] == "yes"} for report in reports if report["tested"])
    except (ValueError, KeyError, TypeError):
        raise Failed("no report: " + output.strip()[-200:]) from None
    if sound != targets or len(reports) != targets:
        raise Failed(f"{sound} of {targets} targets were examined in full")


SEEN = {  # what a checker prints of a server that offers TLS 1.2 and 1.3
    "testssl.sh": (r"^ *TLS 1\.2 +offered", r"^ *TLS 1\.3 +offered", r"^ *Done "),
    "sslscan": (r"^TLSv1\.2 +enabled", r"^TLSv1\.3 +enabled", r"^Accepted +TLSv1\.2 "),
    "nmap": (r"TLSv1\.2:", r"TLSv1\.3:", r"TLS_ECDHE_ECDSA_WITH_"),
    "sslyze": (r"TLS 1\.2 Cipher Suites", r"TLS 1\.3 Cipher Suites", r"TLS_ECDHE_ECDSA_WITH_"),
    "ssh-audit": (r"^.*\(gen\) banner: SSH-2\.0-OpenSSH", r"^.*\(key\) ssh-ed25519 ", r"^.*\(fin\) "),
}


def verify(row: Row, name: str, targets: int, output: str) -> None:
    """Raises Failed unless the checker examined what it had to."""
    if name == OURS:
        verify_ours(row, targets, output)
        return
    for pattern in SEEN[name]:
        if not re.search(pattern, output, re.M):
            raise Failed(f"{name} did not say {pattern!r}: " + output.strip()[-200:])


def accepted(status: Running) -> int:
    """Connections that the server has accepted so far, by its own count; of nginx asking is one of them."""
    if status.name == "sshd":
        return len(re.findall(r"^Connection from ", status.log.read_text(errors="replace"), re.M))
    with urllib.request.urlopen(f"http://127.0.0.1:{status.port}/", timeout=10) as answer:
        return int(answer.read().decode().splitlines()[2].split()[0])


def run_once(bench: Bench, row: Row, name: str, server: Running, status: Running, targets: int) -> Used:
    """One run of the checker on a core of its own. Its CPU time holds that of all that it started and waited for."""
    out = bench.work / "checker.out"
    before = accepted(status)
    with out.open("wb") as stdout, (bench.work / "checker.err").open("wb") as stderr:
        started = time.monotonic()
        process = subprocess.Popen(["taskset", "-c", measure.cores()[0], "timeout", str(LONGEST_SECONDS),
                                    *command(bench, row, name, server, targets)],
                                   stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        _, status_word, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status_word)
    used = Used(wall, usage.ru_utime + usage.ru_stime, accepted(status) - before - (status.name != "sshd"))
    text = out.read_text(errors="replace")
    verify(row, name, targets, text or (bench.work / "checker.err").read_text(errors="replace"))
    return used


HOST_KEYS = {"ed25519": (), "ecdsa": ("-b", "256"), "rsa": ("-b", "3072")}


def start_sshd(bench: Bench) -> Running:
    """OpenSSH as Debian sets it up, with a log line for each connection. Errors: RuntimeError."""
    program, folder, port = shutil.which("sshd", path="/usr/sbin:/usr/bin"), bench.work / "sshd", peers.free_port()
    if program is None:
        raise RuntimeError("sshd is not installed")
    folder.mkdir(exist_ok=True)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    settings = f"Port {port}\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\nLogLevel VERBOSE\n"
    for kind, size in HOST_KEYS.items():
        key = folder / kind
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-f", str(key)], check=True)
        settings += f"HostKey {key}\n"
    (folder / "config").write_text(settings)
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(["taskset", "-c", measure.cores()[1], program, "-D", "-e", "-f", str(folder / "config")],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    running = Running("sshd", port, process, log)
    for _ in range(200):
        if process.poll() is not None:
            break
        if "Server listening" in log.read_text(errors="replace"):
            return running
        time.sleep(0.05)
    running.stop()
    raise RuntimeError("sshd did not start: " + log.read_text(errors="replace").strip()[-400:])


def start_server(bench: Bench, row: Row) -> tuple[Running, Running]:
    """The server that is examined, on the other core, and where it tells how many connections it accepted."""
    if row.load == "check-ssh":
        server = start_sshd(bench)
        return server, server
    status_port = peers.free_port()
    bench.backend = status_port
    server = peers.start(bench, "checked", row)
    return server, Running("status", status_port, server.process, server.log)


def cells(results: list[Result]) -> list[list[str]]:
    """Head and rows of the table, as text."""
    table = [["check", "unit", *CHECKERS, *(f"/{name}" for name in RIVALS), "limit", "kept", "spread"]]
    for result in results:
        for figure in result.figures():
            limit = "" if figure.limit is None else f"{'>=' if figure.at_least else '<'} {figure.limit:g}"
            ratios = (result.ratio(figure, name) for name in RIVALS)
            table.append([figure.title, figure.unit, *(number(result.median(figure, name)) for name in CHECKERS),
                          *("-" if ratio is None else f"{ratio:.2g}" for ratio in ratios),
                          limit, result.verdict(figure), f"{result.spread(figure):.0%}"])
    return table


def number(value: float | None) -> str:
    """At most two digits behind the point, none of a great or whole number."""
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def as_json(results: list[Result]) -> list[dict]:
    return [{"id": result.row.id, "title": result.row.title, "targets": result.targets, "missing": result.missing,
             "busy_elsewhere": result.busy_elsewhere,
             "figures": [{"id": figure.id, "title": figure.title, "unit": figure.unit, "limit": figure.limit,
                          "kept": result.verdict(figure), "values": {n: result.values(figure, n) for n in result.runs},
                          "medians": {n: result.median(figure, n) for n in result.runs},
                          "ratios": {n: result.ratio(figure, n) for n in RIVALS}}
                         for figure in result.figures()]} for result in results]
