"""C++ source as text for the checks in this folder: comments and literals blanked, functions found by their braces.

An estimate that relies on clang-format's layout, not a parser.
"""
import re

_TOKEN = re.compile(
    r'//[^\n]*'                                       # comment to the end of the line
    r'|/\*.*?\*/'                                     # block comment
    r'|(?:u8|[uUL])?R"(?P<tag>[^()\s\\"]{0,16})\(.*?\)(?P=tag)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'                           # string
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",          # character, but not the ' of 16'384
    re.DOTALL)


def blank(text, keep_strings=False):
    """The same text, same line numbers, with comments (and what stands between quotes) replaced by spaces."""
    def spaces(match):
        found = match.group()
        if found.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", found)
        if keep_strings:
            return found
        return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
    return _TOKEN.sub(spaces, text)


def without_directives(blanked):
    """Blanks the preprocessor's lines, so that a macro's braces do not count."""
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group()), blanked, flags=re.MULTILINE)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def closing(text, at, pair="{}"):
    """Index of the bracket that closes the one at `at`, or the end of the text."""
    depth = 0
    for i in range(at, len(text)):
        if text[i] == pair[0]:
            depth += 1
        elif text[i] == pair[1]:
            depth -= 1
            if depth == 0:
                return i
    return len(text) - 1


_TYPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b")
_TAIL = re.compile(r"(?:const|noexcept|override|final|mutable|try|&&?|->[^;=]*|requires\b[^;]*|\s)*$")


def functions(text):
    """(name, first line, last line) of every function outside another function, tests included."""
    code = without_directives(blank(text))
    found, i, start = [], 0, 0
    while i < len(code):
        char = code[i]
        if char in ";}":
            start = i + 1
        elif char == "{":
            head = code[start:i]
            name = _function_name(head)
            if name:
                end = closing(code, i)
                begin = start + len(head) - len(head.lstrip())
                found.append((name, line_of(code, begin), line_of(code, end)))
                i = end
            elif not _TYPE.search(head):
                i = closing(code, i)  # a table or another initialiser; the statement goes on
            start = i + 1
        i += 1
    return found


def _function_name(head):
    """The function's name if what stands before `{` is a function's signature, else None."""
    head = re.sub(r"\b(?:public|private|protected)\s*:(?!:)", " ", head)
    initialisers = re.search(r"\)[^():]*?(?<!:):(?!:)", head)
    if initialisers:
        head = head[:initialisers.end() - 1]
    last = head.rfind(")")
    if last < 0 or not _TAIL.match(head[last + 1:]):
        return None
    name = re.search(r"([~\w:]+|operator[^\s(]+|operator\(\))\s*\(", head)
    if not name or re.match(r"\s*(?:typedef|using)\b", head):
        return None
    before = head[:name.start()]
    if "=" in re.sub(r"<[^<>]*>|[<>=!]=", "", before) and "operator" not in head:
        return None
    if name.group(1).startswith("TEST"):
        return re.sub(r"\s+", "", head[name.start():last + 1])
    return name.group(1)
