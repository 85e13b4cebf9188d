"""What a platform's screen can show of text and buttons. Pure.

Few short choices are buttons, more of them a list to open, all others numbered lines, and the number is understood.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Form = Literal["buttons", "list", "lines"]
Button = dict[str, str]
_OWN_NUMBER = re.compile(r"\s*(\d{1,2})\b")
_ENDS = ("\n\n", "\n", ". ", "? ", "! ", "; ", ", ", " ")
_CHOICE = re.compile(r"(?:la |el |opci[oó]n |option |number |n[uú]mero )?(\d{1,2})[.)º°]?", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """`text`: characters of one message. `body`: the same beside buttons. No buttons at all: `most` is 0."""

    text: int
    body: int = 0
    most: int = 0
    title: int = 0
    most_rows: int = 0
    row_title: int = 0


LINES_ONLY = Limits(text=4096)


def form_of(text: str, buttons: Sequence[Button], limits: Limits) -> Form:
    longest = max((len(one["title"]) for one in buttons), default=0)
    if len(text) <= limits.body:
        if len(buttons) <= limits.most and longest <= limits.title:
            return "buttons"
        if len(buttons) <= limits.most_rows and longest <= limits.row_title:
            return "list"
    return "lines"


def numbered(buttons: Sequence[Button]) -> list[Button]:
    """The buttons with their `number`. Titles that all begin with different numbers keep their own."""
    own = [match[1] if (match := _OWN_NUMBER.match(one["title"])) else "" for one in buttons]
    numbers = own if all(own) and len(set(own)) == len(own) else [str(place + 1) for place in range(len(own))]
    return [one | {"number": number} for one, number in zip(buttons, numbers, strict=True)]


def lines(text: str, buttons: Sequence[Button]) -> str:
    """The text with the numbered choices under it."""
    shown = (_line(one["number"], one["title"]) for one in buttons)
    return "\n".join([text, *shown] if text else shown)


def _line(number: str, title: str) -> str:
    return f"• {title}" if title.lstrip().startswith(number) else f"{number}. {title}"


def number_in(text: str) -> str | None:
    """The number of a choice, if that is all that the customer wrote."""
    found = _CHOICE.fullmatch(text.strip())
    return str(int(found[1])) if found else None


def characters(text: str) -> int:
    return len(text)


def split(text: str, most: int, width: Callable[[str], int] = characters) -> list[str]:
    """The text in parts of at most `most`, as `width` counts, broken where a reader would break it."""
    parts: list[str] = []
    while width(text) > most:
        end = _fitting(text, most, width)
        end = next((place for sign in _ENDS if (place := text.rfind(sign, end // 2, end) + len(sign)) > end // 2), end)
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [part for part in (*parts, text) if part] or [text]


def _fitting(text: str, most: int, width: Callable[[str], int]) -> int:
    """How many characters of the text are not wider than `most`; at least one."""
    low, high = 1, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle]) <= most else (low, middle - 1)
    return low


def utf8(text: str) -> int:
    """Others count bytes."""
    return len(text.encode("utf-8", "replace"))


def utf16(text: str) -> int:
    """Some platforms count as JavaScript does."""
    return len(text.encode("utf-16-le", "replace")) // 2
