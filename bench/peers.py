"""The servers that are measured: how each is configured by a good operator, started and stopped."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import measure
import root as debian
from rows import LARGE, Row

HERE = Path(__file__).resolve().parent
# What is proxied to in the proxy rows: it must not be the bottleneck, and keeps every connection.
BACKEND = """
daemon off; worker_processes 1; worker_rlimit_nofile 65536; error_log stderr error; pid /run/backend.pid;
events {{ worker_connections 20000; }}
http {{
  access_log off; default_type application/octet-stream; root /bench/www; tcp_nodelay on;
  open_file_cache max=1000 inactive=600s; open_file_cache_valid 600s;
  keepalive_requests 1000000000; keepalive_timeout 600s;
  server {{ listen 127.0.0.1:{port} backlog=4096; server_name localhost; }}
}}
"""
NGINX_PROXY = """location / {
    proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Request-Id $request_id;
  }"""
NGINX_WEBSOCKET = """location / {
    proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection "upgrade"; proxy_set_header Host $host; proxy_read_timeout 600s; proxy_send_timeout 600s;
  }"""
NGINX = """
daemon off; worker_processes 1; worker_rlimit_nofile 65536; error_log stderr error; pid /run/nginx.pid;
events {{ worker_connections 60000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream; root /bench/www;
  open_file_cache max=1000 inactive=600s; open_file_cache_valid 600s; output_buffers 2 128k; http2_chunk_size 16k;
  keepalive_requests 1000000000; keepalive_timeout 600s; client_header_timeout 600s;
  ssl_certificate /bench/cert.pem; ssl_certificate_key /bench/key.pem; ssl_protocols TLSv1.3;
  ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1; ssl_session_tickets off; ssl_session_cache off;
  ssl_conf_command NumTickets 0;
  {upstream}
  server {{ listen 127.0.0.1:{port} ssl backlog=4096; {http3} http2 on; server_name localhost; {location} }}
}}
"""
# As nginx's own documentation has it; segmentation offload is its switch quic_gso.
NGINX_HTTP3 = "listen 127.0.0.1:{port} quic reuseport; http3 on; quic_gso on; http3_max_concurrent_streams 128;"
HAPROXY_HTTP3 = "bind quic4@127.0.0.1:{port} ssl crt /bench/both.pem alpn h3 ciphersuites TLS_AES_128_GCM_SHA256"
# What the checkers examine: versions and suites as nginx comes, and its count of accepted connections beside.
CHECKED = """
daemon off; worker_processes 1; worker_rlimit_nofile 65536; error_log stderr crit; pid /run/checked.pid;
events {{ worker_connections 20000; }}
http {{
  access_log off; default_type application/octet-stream; root /bench/www;
  ssl_certificate /bench/cert.pem; ssl_certificate_key /bench/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
  server {{ listen 127.0.0.1:{port} ssl backlog=4096; http2 on; location = / {{ return 200 here; }} }}
  server {{ listen 127.0.0.1:{status}; location / {{ stub_status; }} }}
}}
"""

# A file that `http-request return` holds in memory must fit into one buffer: a larger one is for the large file only.
HAPROXY = """
global
  nbthread 1
  maxconn 8000
  {bufsize}
  ssl-default-bind-curves X25519MLKEM768:X25519:P-256
  ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets
  tune.ssl.cachesize 0
defaults
  mode http
  timeout client 600s
  timeout http-request 600s
  timeout http-keep-alive 600s
frontend site
  bind 127.0.0.1:{port} backlog 4096 ssl crt /bench/both.pem alpn h2,http/1.1
  {http3}
  {answer}
"""
HAPROXY_FILE = "http-request return status 200 content-type application/octet-stream file /bench/www{path}"
HAPROXY_PROXY = """default_backend app
  option forwardfor
  unique-id-format %{{+X}}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid
  unique-id-header X-Request-Id
  http-request set-header X-Forwarded-Proto https
backend app
  timeout connect 3s
  timeout server 60s
  timeout tunnel 600s
  http-reuse always
  server one 127.0.0.1:{backend}
"""

# Without tickets (`no-tls-tickets`, `ssl_session_tickets off`) OpenSSL sends two that name a session in the server's
# cache, cache or not (TLS 1.3). NumTickets stops that: nginx has a directive for it, HAProxy takes it from OpenSSL's own
# settings.
OPENSSL = """
openssl_conf = start
[start]
ssl_conf = modules
[modules]
system_default = defaults
[defaults]
NumTickets = 0
"""


def caddy_settings(port: int, backend: int | None = None, http3: bool = False) -> str:
    """Caddy's own JSON: its short form has no key for session tickets."""
    handler: dict = {"handler": "file_server", "root": "/bench/www"}
    if backend:
        handler = {"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{backend}"}],
                   "transport": {"protocol": "http", "keep_alive": {"max_idle_conns_per_host": 1024}}}
    server = {
        "listen": [f"127.0.0.1:{port}"],
        "protocols": ["h1", "h2", "h3"] if http3 else ["h1", "h2"],
        "automatic_https": {"disable": True},
        "idle_timeout": "600s",
        "tls_connection_policies": [{"protocol_min": "tls1.3", "curves": ["x25519mlkem768", "x25519", "secp256r1"]}],
        "routes": [{"handle": [handler]}],
    }
    tls = {
        "session_tickets": {"disabled": True},
        "certificates": {"load_files": [{"certificate": "/bench/cert.pem", "key": "/bench/key.pem"}]},
    }
    return json.dumps({"admin": {"disabled": True, "config": {"persist": False}},
                       "apps": {"http": {"servers": {"site": server}}, "tls": tls}})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Running:
    """A started server."""

    name: str
    port: int
    process: subprocess.Popen
    log: Path

    def stop(self) -> None:
        """Ends the server and what it started: politely, after 5 s by force."""
        tree = measure.process_tree(self.process.pid)
        for end in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(end)
            if end == signal.SIGKILL:
                for member in tree:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(member, end)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                return


@dataclass
class Bench:
    """Where the measured programs find their files."""

    work: Path  # certificate, files, configurations and logs; /bench inside the root folder
    root: Path | None  # the Debian root folder, None when it cannot be had
    binary: Path  # our own server
    versions: dict[str, str] = field(default_factory=dict)
    backend: int = 0  # port of what the proxy rows proxy to


def _in_root(bench: Bench, command: list[str], environment: dict[str, str] | None = None) -> list[str]:
    if bench.root is None:
        raise debian.Unavailable("no root folder")
    return debian.enter(bench.root, bench.work, command, environment)


def sallyport(bench: Bench, port: int, row: Row, binary: Path | None = None) -> list[str]:
    what = ["--to", f"127.0.0.1:{bench.backend}"] if row.proxied else [str(bench.work / "www")]
    return [str(binary or bench.binary), "serve", *what, "--listen", f"127.0.0.1:{port}",
            "--certificate", str(bench.work / "cert.pem"), "--key", str(bench.work / "key.pem"),
            "--workers", "1", "--access-log", "off", "--tickets", "0"]


def nginx(bench: Bench, port: int, row: Row) -> list[str]:
    upstream = f"upstream backend {{ server 127.0.0.1:{bench.backend}; keepalive 1024; }}" if row.proxied else ""
    location = NGINX_WEBSOCKET if row.load == "messages" else NGINX_PROXY if row.proxied else ""
    http3 = NGINX_HTTP3.format(port=port) if row.protocol == "h3" else ""
    (bench.work / "nginx.conf").write_text(NGINX.format(port=port, upstream=upstream, location=location, http3=http3))
    return _in_root(bench, ["nginx", "-c", "/bench/nginx.conf"])


def haproxy(bench: Bench, port: int, row: Row) -> list[str]:
    bufsize = "tune.bufsize 131072" if row.bytes >= LARGE else "tune.bufsize 16384"
    answer = HAPROXY_PROXY.format(backend=bench.backend) if row.proxied else HAPROXY_FILE.format(path=row.path)
    http3 = HAPROXY_HTTP3.format(port=port) if row.protocol == "h3" else ""
    (bench.work / "haproxy.cfg").write_text(HAPROXY.format(port=port, answer=answer, bufsize=bufsize, http3=http3))
    (bench.work / "openssl.cnf").write_text(OPENSSL)
    return _in_root(bench, ["haproxy", "-db", "-f", "/bench/haproxy.cfg"], {"OPENSSL_CONF": "/bench/openssl.cnf"})


def caddy(bench: Bench, port: int, row: Row) -> list[str]:
    (bench.work / "caddy.json").write_text(caddy_settings(port, bench.backend if row.proxied else None, row.protocol == "h3"))
    # Debian's build has the defaults of an old Go, in which the post-quantum group is off.
    return _in_root(bench, ["caddy", "run", "--config", "/bench/caddy.json"],
                    {"GOMAXPROCS": "1", "GODEBUG": "tlsmlkem=1"})


def backend(bench: Bench, port: int, row: Row) -> list[str]:
    """Not measured: what the proxy rows proxy to."""
    if row.load == "messages":
        return [sys.executable, str(HERE / "messages.py"), "echo", str(port)]
    (bench.work / "backend.conf").write_text(BACKEND.format(port=port))
    return _in_root(bench, ["nginx", "-c", "/bench/backend.conf"])


def checked(bench: Bench, port: int, _row: Row) -> list[str]:
    """What the checkers examine; `bench.backend` is the port of its count of connections."""
    (bench.work / "checked.conf").write_text(CHECKED.format(port=port, status=bench.backend))
    return _in_root(bench, ["nginx", "-c", "/bench/checked.conf"])


def add_versus(binary: Path) -> None:
    """Measures another build of ours as well, under the name "versus"."""
    COMMANDS["versus"] = lambda bench, port, row: sallyport(bench, port, row, binary)


COMMANDS = {"Sallyport": sallyport, "nginx": nginx, "HAProxy": haproxy, "Caddy": caddy}
UNMEASURED = {"backend": backend, "checked": checked}  # they run on the core of the load
OURS = "Sallyport"
PEERS = ("nginx", "HAProxy", "Caddy")
ASK_VERSION = {"nginx": ["nginx", "-v"], "HAProxy": ["haproxy", "-v"], "Caddy": ["caddy", "version"]}


def start_backend(bench: Bench, row: Row) -> Running:
    """Starts what the proxy rows proxy to, on the core of the load."""
    running = start(bench, "backend", row)
    bench.backend = running.port
    return running


def start(bench: Bench, name: str, row: Row) -> Running:
    """Starts the server on a free port and waits until it accepts; RuntimeError with the end of its log if it does not."""
    core = measure.cores()[1 if name in UNMEASURED else 0]
    command = UNMEASURED.get(name) or COMMANDS[name]
    port = free_port()
    log = bench.work / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(["taskset", "-c", core, *command(bench, port, row)],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    running = Running(name, port, process, log)
    for _ in range(200):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return running
        time.sleep(0.05)
    running.stop()
    raise RuntimeError(f"{name} did not start: " + log.read_text(errors="replace").strip()[-400:])


def versions(bench: Bench) -> dict[str, str]:
    """Version of each server that is there, in its own words, cut to the number."""
    found = {}
    if bench.binary.exists():
        shown = subprocess.run([str(bench.binary), "--version"], capture_output=True, text=True, check=False)
        found[OURS] = (re.search(r"\d[\w.+-]*", shown.stdout) or [""])[0]
    for name, command in ASK_VERSION.items() if bench.root else ():
        number = re.search(r"\d+\.\d+[\w.+-]*", debian.run(bench.root, bench.work, command))
        if number:
            found[name] = number[0]
    return found
