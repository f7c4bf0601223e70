"""Servers that are unpacked beside what is installed: tools/packages, group `beside`."""
import os
import pathlib


def cache():
    """The folder outside the checkout in which `./dev` unpacks."""
    base = os.environ.get("SALLYPORT_CACHE")
    return pathlib.Path(base) if base else pathlib.Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "sallyport"


def program(name):
    """The path of a program in sbin or bin there; None where `./dev` has not unpacked it."""
    found = [cache() / "beside" / "usr" / folder / name for folder in ("sbin", "bin")]
    return next((str(one) for one in found if one.exists()), None)
