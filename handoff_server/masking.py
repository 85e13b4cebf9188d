"""Card numbers are masked before anything is stored, with no way back. Pure.

A primary account number is 13 to 19 digits whose Luhn sum is right (ISO/IEC 7812), written in one piece or in groups;
at most the first six and the last four may be kept (PCI DSS 3.4.1). A verification value is known only by the words
around it. Digits of every script count, since keyboards write them.
"""

import re
from collections.abc import Iterator
from typing import Any

# What people put between groups of digits: space of any kind, line ends, dashes, dots, signs that nobody sees.
_BETWEEN = r"[\s.,·_/|\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u2060\ufeff]{1,3}"
_GROUPS = re.compile(rf"\d+(?:{_BETWEEN}\d+)*")
_NAMES = (
    r"(?:cvv2?|cvc2?|cvn|csc|c[oó]digo de seguridad|clave de seguridad|(?:tres|3) (?:n[uú]meros|d[ií]gitos) de atr[aá]s"
    r"|security code|card code|(?:three|3) (?:digits|numbers) on the back)"
)
_VALUE_AFTER = re.compile(rf"(?i)\b({_NAMES})(\D{{0,20}})(?<!\d)\d{{3,4}}(?!\d)")
_VALUE_BEFORE = re.compile(rf"(?i)(?<![\w-])\d{{3,4}}(?!\d)(\D{{1,20}}{_NAMES})\b")
_FEWEST, _MOST = 13, 19


def mask_cards(text: str) -> str:
    """The text with card numbers as 411111******1111 and verification values as ***."""
    without = _VALUE_BEFORE.sub(r"***\1", _VALUE_AFTER.sub(r"\1\2***", text))
    return _GROUPS.sub(_mask, without)


def mask_all(value: Any) -> Any:
    """JSON with every text in it masked, keys and whole numbers too."""
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10 ** (_FEWEST - 1):
        masked = mask_cards(str(value))
        return value if masked == str(value) else masked
    if isinstance(value, list):
        return [mask_all(one) for one in value]
    if isinstance(value, dict):
        return {mask_cards(name): mask_all(one) for name, one in value.items()}
    return value


def _mask(match: re.Match[str]) -> str:
    """Masks the cards among the groups: a card may stand between other numbers, such as the day it expires."""
    text, groups = match.group(), [group.span() for group in re.finditer(r"\d+", match.group())]
    if sum(end - start for start, end in groups) < _FEWEST:
        return text
    masked, done, first = "", 0, 0
    while first < len(groups):
        last = next(_cards(text, groups, first), None)
        if last is None:
            first += 1
            continue
        start, end = groups[first][0], groups[last][1]
        masked += text[done:start] + _shortened(_digits(text[start:end]))
        done, first = end, last + 1
    return masked + text[done:]


def _cards(text: str, groups: list[tuple[int, int]], first: int) -> Iterator[int]:
    """The last group of each card that begins with the group `first`, the longest card first."""
    ends = []
    length = 0
    for place in range(first, len(groups)):
        length += groups[place][1] - groups[place][0]
        if length > _MOST:
            break
        if length >= _FEWEST:
            ends.append(place)
    for place in reversed(ends):
        if _luhn(_digits(text[groups[first][0] : groups[place][1]])):
            yield place


def _digits(text: str) -> str:
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())


def _shortened(digits: str) -> str:
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
