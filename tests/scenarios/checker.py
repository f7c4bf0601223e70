"""`sallyport check` as the scenarios ask it: its JSON, which holds to the schema."""
import functools
import json
import pathlib

import jsonschema

from gateway import binary, run

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "docs/check-report.schema.json"


@functools.cache
def _validator():
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def reports(home, *arguments, before=()):
    """(status, the targets' reports). before: words that stand in front of the command."""
    program, *words = *before, binary()
    status, out, err = run(*words, "check", *arguments, "--format", "json", home=home, program=program)
    assert not err, err
    whole = json.loads(out)
    _validator().validate(whole)
    return status, whole["targets"]


def report(home, *arguments, before=()):
    """That of the one target."""
    _, [one] = reports(home, *arguments, before=before)
    return one
