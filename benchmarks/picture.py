"""The results as an SVG: for each row a bar that says how near the target is; the line in the middle is the target."""

from typing import Any
from xml.sax.saxutils import escape

WIDTH, ROW, LEFT, SCALE = 980, 26, 470, 170
MET, MISSED, INK, FAINT = "#2e7d5b", "#c0563a", "#22303c", "#c9d2da"


def draw(rows: list[dict[str, Any]]) -> str:
    shown = [row for row in rows if float(row["target"].split()[1]) > 0]  # "0 lost" is no length
    height = 64 + ROW * len(shown)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Relevo: measured against targets">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(
            16,
            26,
            "Relevo, measured against its targets: the line is the target, the longer bar the better",
            weight=600,
        ),
        f'<path d="M{LEFT + SCALE} 40V{height - 12}" stroke="{INK}" stroke-dasharray="3 3"/>',
    ]
    for place, row in enumerate(shown):
        parts += _bar(48 + place * ROW, row)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bar(top: int, row: dict[str, Any]) -> list[str]:
    length = round(min(_nearness(row), 2.0) * SCALE)
    colour = MET if row["met"] else MISSED
    told = f"{row['compared']:g}  (target {row['target']})"
    return [
        _text(LEFT - 10, top + 14, row["row"], anchor="end"),
        f'<rect x="{LEFT}" y="{top + 3}" width="{2 * SCALE}" height="14" fill="{FAINT}" opacity="0.4"/>',
        f'<rect x="{LEFT}" y="{top + 3}" width="{length}" height="14" fill="{colour}"/>',
        _text(LEFT + 2 * SCALE + 8, top + 14, told),
    ]


def _nearness(row: dict[str, Any]) -> float:
    """1 at the target, more when better."""
    bound, found = float(row["target"].split()[1]), float(row["compared"])
    return found / bound if row["target"].startswith("≥") else bound / max(found, bound / 2)


def _text(x: int, y: int, words: str, anchor: str = "start", weight: int = 400) -> str:
    return f'<text x="{x}" y="{y}" fill="{INK}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'
