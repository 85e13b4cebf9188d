"""The contract between the hub and the assistant's processes, as JSON Schemas. One truth for both sides."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from handoff_server.contract.plain import what_is_wrong
from handoff_server.refusal import Refusal

VERSION = 1
OTHER = "other"
FOLDER = Path(__file__).parent / f"v{VERSION}"


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema `name`, such as `handoff_request`."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator(schema(name))


def check(name: str, body: Any) -> dict[str, Any]:
    """The body, if it is what schema `name` asks for; else a Refusal that names the place, never the value."""
    if not isinstance(body, dict):
        raise Refusal("invalid_request", f"{name}: expected a JSON object, got {type(body).__name__}")
    if wrong := what_is_wrong(body):
        raise Refusal("invalid_request", f"{name}: {wrong}")
    if body.get("version") != VERSION:
        raise Refusal("unsupported_version", f"{name}: version must be {VERSION}, got {str(body.get('version'))[:20]}")
    for error in _validator(name).iter_errors(body):
        if _newer(error):
            _read_as_other(body, error)
            continue
        place = "/".join(str(part) for part in error.absolute_path) or "the body"
        raise Refusal("invalid_request", f"{name}: {place} breaks the rule {error.validator!r}; see the schema")
    return body


def _newer(error: ValidationError) -> bool:
    """A value of a list that may have grown on the other side since."""
    listed: Any = error.validator_value
    return error.validator == "enum" and OTHER in listed and isinstance(error.instance, str)


def _read_as_other(body: dict[str, Any], error: ValidationError) -> None:
    *path, last = error.absolute_path
    place: Any = body
    for part in path:
        place = place[part]
    place[last] = OTHER
