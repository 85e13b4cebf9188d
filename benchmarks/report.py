"""The table on the terminal, the figures in results.json, and their picture."""

import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.picture import draw
from benchmarks.row import Row

FOLDER = Path(__file__).parent


def print_row(row: Row) -> None:
    peer = f"peer {_short(row.peer)}" if row.peer is not None else ""
    mark = "met" if row.met else "MISSED"
    against = f"{_short(row.compared):>7} {row.target:<8} {mark}"
    print(f"   {row.name:<62} {_short(row.ours):>9} {row.unit:<8} {peer:<12} {against}")
    if row.note:
        print(f"      {row.note}")


def keep(rows: list[tuple[str, Row]], rounds: int) -> None:
    """Replaces the groups that were measured; the others keep their last figures."""
    file = FOLDER / "results.json"
    before = json.loads(file.read_text(encoding="utf-8"))["rows"] if file.exists() else []
    measured = {group for group, _row in rows}
    kept = [one for one in before if one["group"] not in measured]
    found = kept + [{"group": group, **row.as_dict(), "rounds": rounds} for group, row in rows]
    about = {"at": datetime.now(UTC).strftime("%Y-%m-%d"), "python": platform.python_version()}
    file.write_text(json.dumps(about | {"rows": found}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (FOLDER / "results.svg").write_text(draw(found), encoding="utf-8")
    missed = sum(not one["met"] for one in found)
    print(
        f"{len(found) - missed} of {len(found)} targets met. benchmarks/results.json, benchmarks/results.svg",
        file=sys.stderr,
    )


def _short(figure: float) -> str:
    if figure >= 1000:
        return f"{figure:,.0f}".replace(",", " ")
    return f"{figure:.3g}"
