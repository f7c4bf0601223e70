"""The errors.md that tools/make_reference writes for one header."""
import subprocess
import sys
import tempfile
from pathlib import Path

import sample


def of(text):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "src/base").mkdir(parents=True)
        Path(folder, "src/base/a.h").write_text(text)
        subprocess.run([sys.executable, sample.TOOLS / "make_reference", "--root", folder], check=True, capture_output=True)
        return Path(folder, "docs/reference/errors.md").read_text()
