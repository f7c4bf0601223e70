"""The load: `sallyport load` for HTTP/3, h2load for kept connections, our own `connections` program for new and for held ones."""

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import measure
import root as debian
from peers import Bench, Running
from rows import Row

GROUP = "X25519MLKEM768"
SUITE = "TLS_AES_128_GCM_SHA256"  # the same for every server, or 100 KiB compares ciphers
# Python has no call for the suites of TLS 1.3; OpenSSL's own settings have.
OPENSSL = f"""
openssl_conf = start
[start]
ssl_conf = modules
[modules]
system_default = defaults
[defaults]
Ciphersuites = {SUITE}
"""
HERE = Path(__file__).resolve().parent
SOURCES = ("connections.cpp", "answer.cpp", "answer.h")


class Failed(Exception):
    """Not every request was answered as it had to be: the measurement does not count."""


def aws_lc() -> Path:
    """The TLS library that the project's build has put into its cache."""
    named = os.environ.get("SALLYPORT_AWS_LC")
    found = [Path(named)] if named else sorted(p.parent for p in debian.cache().glob("aws-lc-*/complete"))
    if not found:
        raise SystemExit("bench: AWS-LC is not built yet; run `./dev build` first")
    return found[-1]


def build_connections() -> Path:
    """Compiles the `connections` program unless a newer one is there."""
    program = debian.cache() / "bench-connections"
    sources = [HERE / name for name in SOURCES]
    if program.exists() and program.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return program
    library = aws_lc()
    program.parent.mkdir(parents=True, exist_ok=True)
    made = program.with_suffix(f".{os.getpid()}")
    command = ["g++", "-std=c++23", "-O2", f"-I{library}/include", "-o", str(made),
               *(str(s) for s in sources if s.suffix == ".cpp"),
               f"{library}/lib/libssl.a", f"{library}/lib/libcrypto.a", "-lpthread"]
    subprocess.run(command, check=True)
    made.rename(program)
    return program


def connections_command(program: Path, row: Row, port: int, count: int, hold: bool) -> list[str]:
    return ["taskset", "-c", measure.cores()[1], str(program), "--port", str(port), "--path", row.path,
            "--alpn", row.protocol, "--count", str(count), "--bytes", str(row.bytes),
            "--concurrency", "32" if hold else str(row.connections), "--request", str(int(row.request)),
            "--hold", str(int(hold))]


def check_connections(row: Row, count: int, output: str) -> None:
    """Raises Failed unless the program says that all connections were made and answered in full."""
    try:
        said = json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise Failed("the load program said nothing: " + output.strip()[-200:]) from None
    wanted = count * row.bytes if row.request else 0
    if said["done"] != count or said["failed"] or said["body_bytes"] != wanted:
        raise Failed(f"{said['done']} of {count} connections done: {said['first_failure']}")
    if said["tickets"]:
        raise Failed(f"the server sent {said['tickets']} session tickets, which cost time: switch them off")


def connections(program: Path, row: Row, server: Running, count: int) -> None:
    """`count` new connections with a full handshake and one request each."""
    done = subprocess.run(connections_command(program, row, server.port, count, hold=False), capture_output=True,
                          text=True, check=False, timeout=180)
    check_connections(row, count, done.stdout + done.stderr)


@contextlib.contextmanager
def held(program: Path, row: Row, server: Running, count: int) -> Iterator[None]:
    """`count` connections that stay open, all idle, until the block ends."""
    process = subprocess.Popen(connections_command(program, row, server.port, count, hold=True), text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin and process.stdout
    try:
        first = process.stdout.readline()
        if first.strip() != "ready":
            raise Failed("the connections were not opened: " + first.strip())
        yield
        if process.poll() is not None:
            raise Failed("the load program ended early")
    finally:
        process.stdin.close()
        rest = process.stdout.read()
        process.wait(30)
    check_connections(row, count, rest)


def h2load_command(bench: Bench, row: Row, port: int, count: int) -> list[str]:
    """h2load of the root folder; without one this machine's own, which may not know the post-quantum group."""
    group = GROUP if bench.root else "X25519"
    command = ["h2load", f"--requests={count}", f"--clients={row.connections}",
               f"--max-concurrent-streams={row.streams}",
               "--threads=1", f"--alpn-list={row.protocol}", f"--connect-to=127.0.0.1:{port}",
               f"--groups={group}", f"--tls13-ciphers={SUITE}", f"https://localhost:{port}{row.path}"]
    inside = debian.enter(bench.root, bench.work, command) if bench.root else command
    return ["taskset", "-c", measure.cores()[1], *inside]


def check_h2load(row: Row, count: int, output: str) -> None:
    """Raises Failed unless h2load reports that all requests were answered with 2xx and the whole file.

    It prints no "Server Temp Key" for X25519MLKEM768; that it was used follows from TLS 1.3 and the only group offered.
    """
    done = re.search(r"^requests: (\d+) total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed, (\d+) errored",
                     output, re.M)
    codes = re.search(r"^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output, re.M)
    data = re.search(r"^traffic: .* \((\d+)\) data$", output, re.M)
    if not done or not codes or not data:
        raise Failed("h2load printed no summary: " + output.strip()[-300:])
    if done.groups() != (str(count), str(count), "0", "0"):
        raise Failed("h2load: " + done[0])
    if codes.groups() != (str(count), "0", "0", "0"):
        raise Failed("h2load: " + codes[0])
    if int(data[1]) != count * row.bytes:
        raise Failed(f"h2load got {data[1]} bytes of body, not {count} x {row.bytes}")
    wanted = {"TLS Protocol": "TLSv1.3", "Cipher": SUITE, "Application protocol": row.protocol}
    for key, value in wanted.items():
        said = re.search(rf"^{key}: (.*)$", output, re.M)
        if not said or said[1] != value:
            raise Failed(f"h2load: {key} is {said[1] if said else 'not printed'}, not {value}")


def check_messages(count: int, output: str) -> None:
    """Raises Failed unless all messages came back."""
    try:
        said = json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise Failed("the load program said nothing: " + output.strip()[-200:]) from None
    if said["done"] != count:
        raise Failed(f"{said['done']} of {count} messages came back: {said['failure']}")


def messages(bench: Bench, row: Row, server: Running, count: int) -> None:
    """`count` messages over WebSockets, each answered by its echo."""
    settings = bench.work / "client.cnf"
    settings.write_text(OPENSSL)
    command = ["taskset", "-c", measure.cores()[1], sys.executable, str(HERE / "messages.py"), "load", str(server.port),
               str(count), str(row.connections), str(row.bytes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300,
                          env=dict(os.environ, OPENSSL_CONF=str(settings)))
    check_messages(count, done.stdout + done.stderr)


def our_command(bench: Bench, row: Row, port: int, count: int) -> list[str]:
    """`sallyport load`: requests over kept connections, or one on each new connection."""
    version = {"h3": "3", "h2": "2", "http/1.1": "1.1"}[row.protocol]
    kind = ["--requests-per-connection", "1"] if row.load == "connections" else ["--streams", str(row.streams)]
    return ["taskset", "-c", measure.cores()[1], str(bench.binary), "load", f"https://localhost:{port}{row.path}",
            "--connect", "127.0.0.1", "--ca", str(bench.work / "cert.pem"), "--group", GROUP, "--http", version,
            "--connections", str(row.connections), "--requests", str(count), "--format", "json", *kind]


def report_of_ours(row: Row, count: int, output: str) -> dict:
    """Its report. Raises Failed unless every request was answered in full, each on a connection of its own if that is the row."""
    try:
        report = json.loads(output)
    except ValueError:
        raise Failed("sallyport load: " + output.strip()[-300:]) from None
    if report["good"] != count or report["failed"] or report["bytes"]["bodies"] != count * row.bytes:
        raise Failed(f"sallyport load: {report['good']} of {count} are good, {report['bytes']['bodies']} bytes: {report['errors']}")
    made = count if row.load == "connections" else row.connections
    if report["connections"] != made or report["handshakes"]["full"] != made:
        raise Failed(f"sallyport load: {report['connections']} connections, {report['handshakes']['full']} full handshakes, not {made}")
    wanted = {"suite": SUITE, "group": GROUP, "alpn": row.protocol}
    if any(report["tls"].get(key) != value for key, value in wanted.items()):
        raise Failed(f"sallyport load: {report['tls']}")
    return report


def held_http3(bench: Bench, row: Row, server: Running, count: int) -> float:
    """Bytes by which the server grows for one of `count` connections over QUIC, 500 more a second, all idle at the end."""
    kind = [] if row.request else ["--handshakes", "full"]
    command = [*our_command(bench, replace(row, connections=count), server.port, count), "--rate", "500", "--hold", "5s", "--server-pid",
               str(server.process.pid), *kind]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, text=True, check=False, timeout=300)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise Failed("sallyport load: " + (done.stdout + done.stderr).strip()[-300:]) from None
    return growth_of_held(row, count, report)


def growth_of_held(row: Row, count: int, report: dict) -> float:
    """Raises Failed unless all connections were made by a full handshake, answered as the row says, and open at the end."""
    wanted = {"good": count, "failed": 0, "connections": count, "held": count}
    if any(report[key] != value for key, value in wanted.items()) or report["handshakes"]["full"] != count:
        raise Failed(f"sallyport load: {report['held']} of {count} connections were held: {report['errors']}")
    if report["bytes"]["bodies"] != (count * row.bytes if row.request else 0):
        raise Failed(f"sallyport load: {report['bytes']['bodies']} bytes of answers")
    if report["tls"]["group"] != GROUP or report["tls"]["suite"] != SUITE:
        raise Failed(f"sallyport load: {report['tls']}")
    return (report["server"]["memory_bytes_held"] - report["server"]["memory_bytes_before"]) / count


def http3(bench: Bench, row: Row, server: Running, count: int) -> None:
    """`count` requests over connections that are kept, or one on each new connection."""
    if not bench.binary.exists():
        raise Failed("sallyport load makes this load, and is not built; run `./dev build` first")
    done = subprocess.run(our_command(bench, row, server.port, count), capture_output=True, stdin=subprocess.DEVNULL, text=True,
                          check=False, timeout=300)
    report_of_ours(row, count, done.stdout or done.stderr)


def requests(bench: Bench, row: Row, server: Running, count: int) -> None:
    """`count` requests over connections that are kept."""
    done = subprocess.run(h2load_command(bench, row, server.port, count), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False, timeout=300)
    check_h2load(row, count, done.stdout)
