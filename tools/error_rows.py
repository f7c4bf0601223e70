"""The rows of the error catalogue (ErrorKind constants), read from the sources."""
import re
from dataclasses import dataclass

import cpp_text

FIELDS = ("id", "blame", "retry", "what", "remedy", "source", "tls_alert", "http_status")
_ROW = re.compile(r"\bErrorKind\s+(k\w+)\s*=?\s*\{")
_STRING = re.compile(r'"((?:\\.|[^"\\])*)"')


@dataclass
class Row:
    constant: str
    file: str  # from the root
    line: int
    fields: dict


def rows_of(root):
    """Every row below src/, in the order of files and lines."""
    rows = []
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in (".h", ".cpp") and not re.search(r"_(?:test|fuzz|bench)\.cpp$", path.name):
            code = cpp_text.blank(path.read_text(errors="replace"), keep_strings=True)
            masked = cpp_text.blank(code)  # same places, strings blanked: brackets and commas in them do not count
            for match in _ROW.finditer(masked):
                opened = match.end() - 1
                end = cpp_text.closing(masked, opened)
                rows.append(Row(match.group(1), path.relative_to(root).as_posix(), cpp_text.line_of(code, match.start()),
                                _fields(code[opened + 1:end], masked[opened + 1:end])))
    return rows


def _fields(code, masked):
    """The initialisers by field name; adjacent string literals are one."""
    fields, start, position = {}, 0, 0
    for end in [m.start() for m in re.finditer(",", masked)] + [len(masked)]:
        text = code[start:end].strip()
        start = end + 1
        if not text:
            continue
        named = re.match(r"\.(\w+)\s*=\s*", text)
        name = named.group(1) if named else FIELDS[position] if position < len(FIELDS) else f"extra{position}"
        if named:
            text = text[named.end():]
        literals = _STRING.findall(text)
        fields[name] = re.sub(r"\\(.)", r"\1", "".join(literals)) if literals or text == "{}" else text
        position += 1
    return fields
