"""The Debian root folder that holds the peers' newest versions, and how a program is started in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ("ca-certificates", "nginx", "haproxy", "caddy", "nghttp2-client", "openssl")
SUITE = "sid"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# Private mounts, so that nothing stays mounted; `exec` all the way, so that the pid is the program's.
ENTER = """
root=$1 work=$2; shift 2
mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs tmpfs "$root/run" &&
mkdir -p "$root/bench" && mount --bind "$work" "$root/bench" &&
exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
"""


class Unavailable(Exception):
    """The peers cannot be had here; the text says why and what would help."""


def cache() -> Path:
    """The folder outside the checkout where what takes long to make is kept."""
    base = os.environ.get("SALLYPORT_CACHE")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sallyport"


def debian_mirror() -> str:
    """The Debian archive that this machine's apt sources name."""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    suite = release.get("VERSION_CODENAME", "").strip('"')
    asked = ["apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI) $(RELEASE)",
             "Created-By: Packages"]
    if not shutil.which("apt-get"):
        raise Unavailable("the peers come from Debian's archive, and this machine has no apt-get")
    rows = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines()
    mirror = mirror_of(rows, suite)
    if not mirror:
        raise Unavailable(f"no apt source of this machine is the Debian archive of {suite!r}")
    return mirror


def mirror_of(rows: list[str], suite: str) -> str:
    """The address in rows of "address suite" that ends in /debian and has the suite; empty when there is none."""
    for row in rows:
        address, _, release = row.strip().partition(" ")
        if release == suite and address.rstrip("/").endswith("/debian"):
            return address
    return ""


def apt_proxies() -> list[str]:
    """This machine's proxies for apt, as options of mmdebstrap: it reads no configuration of the machine."""
    options = []
    for scheme in ("http", "https"):
        key = f"Acquire::{scheme}::Proxy"
        asked = ["apt-config", "dump", "--format", "%v", key]
        shown = subprocess.run(asked, capture_output=True, text=True, check=False)
        if shown.stdout.strip():
            options.append(f'--aptopt={key} "{shown.stdout.strip()}"')
    return options


def install_mmdebstrap() -> None:
    if shutil.which("mmdebstrap"):
        return
    print("bench: installing the package mmdebstrap, which makes the peers' root folder", file=sys.stderr)
    command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends",
               "mmdebstrap"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise Unavailable("mmdebstrap is not there and `apt-get install mmdebstrap` failed")


def ensure(fresh: bool = False) -> Path:
    """The root folder, made if it is not there or if `fresh`. Raises Unavailable."""
    return make("bench-root", SUITE, PACKAGES, fresh)


def make(name: str, suite: str, packages: tuple[str, ...], fresh: bool = False) -> Path:
    """A folder of the cache with these packages of a suite of Debian, likewise."""
    folder = cache() / name
    complete = folder / "etc" / "sallyport-bench-complete"
    if os.geteuid() != 0:
        raise Unavailable("the peers run in a chroot, and that needs root")
    if complete.exists() and complete.read_text() == " ".join(packages) and not fresh:
        return folder
    mirror = debian_mirror()
    install_mmdebstrap()
    making = cache() / f"{name}.{os.getpid()}"
    making.parent.mkdir(parents=True, exist_ok=True)
    print(f"making a Debian {suite} folder with {' '.join(packages)}: 200 MB, half a minute", file=sys.stderr)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=" + ",".join(packages),
               '--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=APT::Install-Recommends "false"',
               *apt_proxies(), suite, str(making), mirror]
    if Path(KEYRING).exists():
        command.insert(1, f"--keyring={KEYRING}")
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise Unavailable("mmdebstrap failed: " + (made.stderr.strip().splitlines() or ["no message"])[-1])
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    complete.write_text(" ".join(packages))
    return folder


def enter(root: Path, work: Path, command: list[str], environment: dict[str, str] | None = None) -> list[str]:
    """The command that runs `command` inside the root folder, with `work` as /bench."""
    settings = [f"{key}={value}" for key, value in (environment or {}).items()]
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", ENTER, "sh", str(root), str(work),
            *settings, *command]


def run(root: Path, work: Path, command: list[str]) -> str:
    """Output (both streams) of a short command inside the root folder."""
    done = subprocess.run(enter(root, work, command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, check=False, timeout=60)
    return done.stdout
