"""Runs one tool of tools/ over a small tree made for the occasion."""
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools"
LAYERS = "0 base\n1 os\n1 crypto\n2 loop\n5 http\n"


def run(tool, files, *arguments):
    """(exit code, output) of `tool` over a tree that holds `files`: a path from the root to its text."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"src/layers.txt": LAYERS, **files}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, TOOLS / tool, "--root", folder, *arguments], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def header(name, body=""):
    return f"// {name} - a sample.\n#pragma once\n{body}"
