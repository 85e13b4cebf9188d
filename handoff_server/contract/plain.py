"""What every JSON reader and every database takes. JSON itself allows more, and a schema cannot tell."""

import math
import re
from typing import Any

MAX_DEPTH = 50
MAX_INTEGER = 2**53  # beyond it browsers read another number
# NUL and halves of surrogate pairs: no database takes them, and no keyboard makes them.
_FOREIGN = re.compile("[\x00\ud800-\udfff]")


def what_is_wrong(body: Any) -> str | None:
    """Why this parsed JSON cannot be kept and passed on; None when it can."""
    level = [body]
    for _ in range(MAX_DEPTH):
        level, wrong = _inside(level)
        if wrong or not level:
            return wrong
    return f"it is nested deeper than {MAX_DEPTH} levels"


def _inside(level: list[Any]) -> tuple[list[Any], str | None]:
    inner: list[Any] = []
    for value in level:
        if isinstance(value, dict):
            inner += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            inner += value
        elif wrong := _wrong(value):
            return [], wrong
    return inner, None


def _wrong(value: Any) -> str | None:
    if isinstance(value, str):
        return "a text has a NUL or half a character" if _FOREIGN.search(value) else None
    if isinstance(value, float):
        return None if math.isfinite(value) else "a number is not finite"
    return "a number is too large" if isinstance(value, int) and abs(value) > MAX_INTEGER else None
