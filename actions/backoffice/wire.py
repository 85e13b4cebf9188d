"""The shop's words as JSON, with sums as text so that no cent is lost, and back with every type checked."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pydantic
from pydantic.json import pydantic_encoder


def as_json(value: Any) -> str:
    """Of a dataclass of `shop`, a list of them, or plain values."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def from_json(kind: Any, text: str | bytes) -> Any:
    """The value of that type (`Order`, `list[Product]`, …). ValueError, naming the field, when the text is not one."""
    return pydantic.parse_raw_as(kind, text, content_type="json", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else pydantic_encoder(value)
