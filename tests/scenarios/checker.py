"""`sallyport check` as the scenarios ask it: its JSON, which holds to the schema."""
import functools
import json
import pathlib

import jsonschema

from gateway import run

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs/check-report.schema.json"


@functools.cache
def _validator():
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def reports(home, *arguments):
    """(status, the targets' reports)."""
    status, out, err = run("check", *arguments, "--format", "json", home=home)
    assert not err, err
    whole = json.loads(out)
    _validator().validate(whole)
    return status, whole["targets"]


def report(home, *arguments):
    """That of the one target."""
    _, [one] = reports(home, *arguments)
    return one
