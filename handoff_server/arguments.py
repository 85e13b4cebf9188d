"""Reads arguments of a socket call; a wrong one is refused by its name, never by its value. What no database takes is
left out of texts: an id with it is one that nobody has."""

from typing import Any

from handoff_server.refusal import Refusal
from handoff_server.service.wording import storable


def string(data: dict[str, Any], name: str, most: int = 80) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not (value := storable(value)):
        raise Refusal("invalid_request", f"{name} must be a text that is not empty")
    if len(value) > most:
        raise Refusal("too_large", f"{name} has at most {most} characters, not {len(value)}", limit=most)
    return value


def integer(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise Refusal("invalid_request", f"{name} must be a whole number, zero or more")
    return value


def truth(data: dict[str, Any], name: str) -> bool:
    value = data.get(name)
    if not isinstance(value, bool):
        raise Refusal("invalid_request", f"{name} must be true or false")
    return value


def strings(data: dict[str, Any], name: str, most: int = 20) -> list[str]:
    """A list of short texts, each of them once."""
    value = data.get(name)
    if not isinstance(value, list) or not all(isinstance(one, str) and 0 < len(one) <= 80 for one in value):
        raise Refusal("invalid_request", f"{name} must be a list of texts that are not empty")
    if len(value) > most:
        raise Refusal("too_large", f"{name} has at most {most} entries, not {len(value)}", limit=most)
    return list(dict.fromkeys(map(storable, value)))
