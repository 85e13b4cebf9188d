"""`make bench`, with ROUNDS=3 and ONLY=relays,lists,…: measures, prints the table, keeps it."""

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from benchmarks.report import keep, print_row
from benchmarks.row import Row
from benchmarks.rows import console, crowds, lists, relays, replies, turns

GROUPS: dict[str, Callable[[int], Coroutine[Any, Any, list[Row]]]] = {
    one.__name__.rpartition(".")[2]: one.measure for one in (relays, replies, crowds, lists, console, turns)
}


def main() -> int:
    rounds = int(os.environ.get("ROUNDS") or 3)
    only = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(GROUPS)
    if unknown := set(only) - GROUPS.keys():
        print(f"ONLY={','.join(sorted(unknown))} is no group; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    rows, broken = [], []
    for name in only:
        began = time.monotonic()
        print(f"── {name}", flush=True)
        try:
            found = _run(GROUPS[name](rounds), fast=name == "relays")
        except Exception:
            traceback.print_exc()
            broken.append(name)
            continue
        rows += [(name, row) for row in found]
        for row in found:
            print_row(row)
        print(f"   {time.monotonic() - began:.0f} s\n", flush=True)
    keep(rows, rounds)
    if broken:
        print(f"Not measured: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


def _run(group: Coroutine[Any, Any, list[Row]], fast: bool) -> list[Row]:
    """uvloop where the client's speed counts."""
    return uvloop.run(group) if fast else asyncio.run(group)


if __name__ == "__main__":
    sys.exit(main())
