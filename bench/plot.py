"""The table as a picture: one group of bars for each row, nginx's length is 1."""

from html import escape
from pathlib import Path

import checks
from peers import COMMANDS, OURS
from table import Result, figure

COLOURS = {OURS: "#0b6e4f", "nginx": "#8d99ae", "HAProxy": "#b8c0cc", "Caddy": "#d9dee5"}
LEFT, WIDTH, BAR, GAP = 250, 640, 14, 16
LONGEST = 2.5  # a longer bar is cut, its figure says the rest


def check_bars(result: checks.Result, y: int) -> tuple[list[str], int]:
    """Bars of the wall time of a whole check, the slowest checker's fills the width; and where the next group begins."""
    figure = next((figure for figure in result.figures() if figure.id == "wall"), None)
    medians = {name: result.median(figure, name) for name in checks.CHECKERS} if figure else {}
    there = {name: value for name, value in medians.items() if value is not None}
    if figure is None or not there:
        return [], y
    scale = (WIDTH - 130) / max(*there.values(), figure.limit)
    middle = y + BAR * len(there) / 2 + 4
    parts = [f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{escape(figure.title)}</text>']
    for name, value in there.items():
        end = LEFT + value * scale
        colour = COLOURS.get(name, COLOURS["nginx"])
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{value * scale:.1f}" height="{BAR - 2}" fill="{colour}"/>')
        if name == OURS:
            at = LEFT + figure.limit * scale
            parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y - 3}" y2="{y + BAR + 1}" stroke="#c1121f" '
                         'stroke-width="2"/>')
            end = max(end, at)
        label = f"{checks.number(value)} {figure.unit} {name}"
        parts.append(f'<text x="{end + 5:.1f}" y="{y + BAR - 4}" font-size="11">{escape(label)}</text>')
        y += BAR
    return parts, y + GAP


def svg(results: list[Result], of_checks: list[checks.Result] = ()) -> str:
    """Bars of the medians of every row that has a figure for nginx; the limit is a line across our bar."""
    shown = [result for result in results if result.median("nginx")]
    scale = (WIDTH - 90) / LONGEST
    parts: list[str] = []
    y = 34
    for result in shown:
        names = [name for name in COMMANDS if result.median(name) is not None and name in COLOURS]
        middle = y + BAR * len(names) / 2 + 4
        parts.append(f'<text x="{LEFT - 12}" y="{middle:.0f}" text-anchor="end">{escape(result.row.title)}</text>')
        for name in names:
            value, base = result.median(name), result.median("nginx")
            length = min(value / base, LONGEST) * scale
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{COLOURS[name]}"/>')
            end = LEFT + length
            if name == OURS and result.row.limit:
                at = LEFT + scale * (result.row.limit / (base if result.row.load == "idle" else 1))
                parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y - 3}" y2="{y + BAR + 1}" stroke="#c1121f" '
                             'stroke-width="2"/>')
                end = max(end, at)
            label = f"{figure(result.row, value)} {result.row.unit} {name}"
            parts.append(f'<text x="{end + 5:.1f}" y="{y + BAR - 4}" font-size="11">{escape(label)}</text>')
            y += BAR
        y += GAP
    for of_check in of_checks:
        more, y = check_bars(of_check, y)
        parts += more
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH} {y}" font-family="sans-serif" '
            f'font-size="12" fill="#222"><rect width="100%" height="100%" fill="#fff"/>'
            f'<text x="{LEFT}" y="18" font-size="12">shorter is better; red: the limit we set ourselves</text>')
    return "\n".join([head, *parts, "</svg>", ""])


def write_svg(path: Path, results: list[Result], of_checks: list[checks.Result] = ()) -> None:
    path.write_text(svg(results, of_checks))
