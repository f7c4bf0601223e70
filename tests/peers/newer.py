"""Clients of newer Debians, unpacked with all their libraries: tools/packages, groups `trixie` and `trixie-backports`."""
import json
import os
import pathlib
import subprocess

import pytest

from peers import beside

SCRIPTS = pathlib.Path(__file__).resolve().parent / "by_aioquic"


def debian():
    lines = pathlib.Path("/etc/os-release").read_text().splitlines()
    return "ID=debian" in lines


def folder(suite):
    """Where the suite's packages are. A test that wants them fails where `./dev test` should have brought them."""
    found = beside.cache() / suite
    if not (found / "complete").exists():
        (pytest.fail if debian() else pytest.skip)(f"no programs of Debian {suite} on this machine: ./dev test unpacks them, or says what failed")
    return found


def command(suite, name):
    """The beginning of a command that runs a program of the suite with its own C library."""
    base = folder(suite)
    libraries = next(base.glob("usr/lib/*-linux-gnu"))
    loader = next(libraries.glob("ld-linux*.so.*"))
    return [str(loader), "--library-path", str(libraries), str(base / "usr/bin" / name)]


def python():
    """Python of trixie, which has aioquic, and the variables it needs."""
    base = folder("trixie")
    return command("trixie", "python3"), {"PYTHONHOME": str(base / "usr"), "PYTHONDONTWRITEBYTECODE": "1"}


def by_aioquic(script, **plan):
    """What a script of tests/peers/by_aioquic tells of its plan."""
    command, environment = python()
    done = subprocess.run([*command, str(SCRIPTS / f"{script}.py")], input=json.dumps(plan), env={**os.environ, **environment},
                          capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
