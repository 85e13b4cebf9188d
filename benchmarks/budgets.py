"""`make budgets`: what browsers fetch and how soon they show it, against the limits we hold to.

Sizes over their limit end it with 1. Times depend on the machine, and are told.
"""

import gzip
import re
import sys
from pathlib import Path

from benchmarks.processes import ROOT
from benchmarks.rows.console import paint

DIST = ROOT / "handoff_server" / "web" / "dist"
KB = 1_000
SIZES = {"console, first load": 130, "console, largest later part": 40, "widget": 20}
TIMES = {"first paint": 1_000, "local echo": 50}


def main() -> int:
    sizes = _sizes()
    for name, limit in SIZES.items():
        print(_line(name, sizes[name] / KB, limit, "kB"))
    for name, took in paint().items():
        print(_line(name, took, TIMES[name], "ms"))
    return int(any(sizes[name] > limit * KB for name, limit in SIZES.items()))


def _line(name: str, value: float, limit: int, unit: str) -> str:
    sign = "over" if value > limit else "ok"
    return f"{name:30}{value:8.1f} {unit}   limit {limit:5} {unit}   {sign}"


def _sizes() -> dict[str, int]:
    """Of the built pages, zipped. The first load has the texts of one language, the longer."""
    assets = DIST / "console" / "assets"
    page = DIST / "console" / "index.html"
    named = {assets / name for name in re.findall(r"/console/assets/([\w.-]+\.(?:js|css))", page.read_text())}
    texts = [file for code in ("es", "en") for file in assets.glob(f"{code}-*.js")]
    if not texts or not named:
        raise SystemExit(f"{page} names no script, or there are no texts beside it: run `make web`")
    later = [file for file in assets.glob("*.js") if file not in {*named, *texts}]
    return {
        "console, first load": sum(_zipped(file) for file in {page, *named}) + max(map(_zipped, texts)),
        "console, largest later part": max(map(_zipped, later)),
        "widget": _zipped(DIST / "widget" / "handoff-chat.js"),
    }


def _zipped(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


if __name__ == "__main__":
    sys.exit(main())
