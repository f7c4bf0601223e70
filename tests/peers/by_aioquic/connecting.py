"""A connection of aioquic and the plan that a test gives: what runs here runs in trixie's Python, see peers/newer.py."""
import asyncio
import json
import sys

from aioquic.asyncio.client import connect
from aioquic.quic.configuration import QuicConfiguration

PATIENCE = 60


def connected(plan, protocol):
    """`async with` gives a `protocol` that has made its handshake. plan: "port" and "root", a file of the certificate to trust."""
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], server_name="localhost")
    configuration.load_verify_locations(plan["root"])
    return connect("127.0.0.1", plan["port"], configuration=configuration, create_protocol=protocol)


def main(act):
    """Reads a plan from standard input and prints what `await act(plan)` returns."""
    plan = json.load(sys.stdin)
    json.dump(asyncio.run(asyncio.wait_for(act(plan), 2 * PATIENCE)), sys.stdout)
