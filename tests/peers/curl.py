"""The curl command, as people call it."""
import json
import subprocess
import tempfile
import pathlib


class CurlAnswer:
    def __init__(self, status, version, heads, body, facts):
        self.status, self.version, self.body, self.facts = status, version, body, facts
        self.fields = {}
        for line in heads.replace("\r", "").strip().split("\n\n")[-1].split("\n")[1:]:
            name, _, value = line.partition(":")
            self.fields[name.lower()] = value.strip()


def curl(url, *arguments, root=None, http=None, resolve=None, timeout=30, program=("curl",)):
    """Fetches `url`. http: "1.1", "2", "3-only", or None. resolve: host names that are to lead to
    this machine. program: the beginning of the command, where it is not the system's curl.

    Raises CalledProcessError when curl itself fails; a status of 404 is no failure.
    """
    with tempfile.TemporaryDirectory(prefix="curl") as folder:
        heads, body = pathlib.Path(folder, "heads"), pathlib.Path(folder, "body")
        command = [*program, "-sS", "--max-time", str(timeout), "-D", heads, "-o", body, "-w", "%{json}"]
        if root:
            command += ["--cacert", root]
        if http:
            command.append(f"--http{http}")
        if resolve:
            command += ["--resolve", f"{resolve}:127.0.0.1"]
        command += [*arguments, url]
        done = subprocess.run(list(map(str, command)), capture_output=True, timeout=timeout + 10)
        if done.returncode != 0:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        facts = json.loads(done.stdout)
        content = body.read_bytes() if body.exists() else b""
        return CurlAnswer(facts["http_code"], facts["http_version"], heads.read_text("latin-1"), content, facts)
