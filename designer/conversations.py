"""Reads exported conversations (`conversation` of the contract), one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema

from designer.trouble import Trouble

SCHEMA = Path(__file__).parent.parent / "handoff_server" / "contract" / "v1" / "conversation.schema.json"


def read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One at a time: an export may be larger than the memory. Trouble names the first line that is no conversation."""
    schema = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _conversation(number, line, schema)


def read_file(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with file.open(encoding="utf-8") as lines:
            yield from read(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{file}: cannot be read: {error}. Name what export-conversations wrote") from None


def _conversation(number: int, line: str, schema: jsonschema.Draft7Validator) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):
        raise Trouble(f"line {number} is not JSON; export the conversations anew") from None
    for error in schema.iter_errors(told):
        place = "/".join(map(str, error.absolute_path)) or "it"
        raise Trouble(f"line {number} is no conversation: {place} breaks {error.validator!r}; export them anew")
    return told
