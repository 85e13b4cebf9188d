"""A confusion matrix as an SVG: a row for each label, a column for each intent that was heard."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

CELL, LEFT, TOP, MARGIN = 30, 170, 190, 24
INK, RIGHT, WRONG, LINE = "#22303c", "#2e7d5b", "#c0563a", "#e3e8ec"


def draw(confusion: Mapping[tuple[str, str], int], title: str) -> str:
    """The cells hold counts; their colour is the share of the row: green where both agree, red elsewhere."""
    labels = sorted({label for label, _ in confusion})
    # What was heard without being anybody's label comes last, so that agreement is a diagonal.
    columns = [*labels, *sorted({heard for _, heard in confusion} - set(labels))]
    width = LEFT + CELL * len(columns) + 60
    height = TOP + CELL * len(labels) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="{escape(title)}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" fill="{INK}" font-size="14" font-weight="600">{escape(title)}</text>',
        f'<text x="12" y="42" fill="{INK}">Rows: what it is. Columns: what was heard.</text>',
    ]
    parts += [_column(place, name) for place, name in enumerate(columns)]
    for row, label in enumerate(labels):
        parts += _row(row, label, columns, confusion)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _column(place: int, name: str) -> str:
    x = LEFT + place * CELL + CELL // 2 + 4
    return f'<text transform="translate({x} {TOP - 8}) rotate(-60)" fill="{INK}">{escape(name)}</text>'


def _row(row: int, label: str, columns: list[str], confusion: Mapping[tuple[str, str], int]) -> list[str]:
    top, total = TOP + row * CELL, sum(confusion.get((label, heard), 0) for heard in columns)
    parts = [f'<text x="{LEFT - 8}" y="{top + 20}" fill="{INK}" text-anchor="end">{escape(label)} ({total})</text>']
    for place, heard in enumerate(columns):
        count, left = confusion.get((label, heard), 0), LEFT + place * CELL
        agree = label == heard or (label, heard) == ("out_of_scope", "nlu_fallback")  # the answer is the same
        colour, strength = RIGHT if agree else WRONG, count / total
        parts.append(
            f'<rect x="{left}" y="{top}" width="{CELL}" height="{CELL}" fill="{colour}" '
            f'fill-opacity="{strength:.2f}" stroke="{LINE}"/>'
        )
        if count:
            ink = "#ffffff" if strength > 0.6 else INK
            middle = left + CELL // 2
            parts.append(f'<text x="{middle}" y="{top + 20}" fill="{ink}" text-anchor="middle">{count}</text>')
    return parts
