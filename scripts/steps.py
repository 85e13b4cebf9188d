"""The lines that a person watches: `[3/9] bot environment … 41 s`."""

import sys
import time
from typing import Callable, List, Tuple

Step = Tuple[str, Callable[[], bool]]


def walk(steps: List[Step]) -> None:
    """Does the steps in order. Each returns whether there was something to do; the first Failure ends the walk."""
    for number, (name, do) in enumerate(steps, start=1):
        _write(f"[{number}/{len(steps)}] {name} … ")
        began = time.monotonic()
        try:
            worked = do()
        except BaseException:
            _write("failed\n")
            raise
        _write(f"{seconds(began)}\n" if worked else "ready\n")


def seconds(began: float) -> str:
    passed = time.monotonic() - began
    return f"{passed:.1f} s" if passed < 10 else f"{passed:.0f} s"


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
