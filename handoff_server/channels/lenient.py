"""Reads what anybody on the internet may have written: whatever is not of the expected kind counts as missing."""

import hashlib
import json
import math
from typing import Any

from handoff_server.refusal import Refusal

MAX_MS = 2**53


def loads(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("invalid_request", "the body is not JSON") from None


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def identifier(value: Any) -> str:
    """Some platforms, and some of their test tools, write ids as numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


def milliseconds(value: Any, each: int = 1) -> int | None:
    """A time as a number or its digits; `each`: how many ms one of them is."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 17:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    found = int(value * each)
    return found if 0 < found < MAX_MS else None


def fingerprint(value: Any) -> str:
    """An id for what has none: the same thing told again has the same."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def number(value: Any) -> float | None:
    finite = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_MS
    return float(value) if finite else None
