"""Card numbers are masked before anything is stored, with no way back. Pure.

A primary account number is 13 to 19 digits whose Luhn sum is right (ISO/IEC 7812), written in one piece or in groups;
at most the first six and the last four may be kept (PCI DSS 3.4.1). A verification value is known only by the words
around it. Digits of every script count, since keyboards write them.
"""

import re
from typing import Any

# What people put between groups of digits: space of any kind, line ends, dashes, dots, signs that nobody sees, and what
# stands for a space in an address.
_BETWEEN = r"(?:%20|[\s.,·_/|+\-\u00ad\u2010-\u2015\u2212\u200b-\u200f\u2060\ufeff]){1,5}"
_GROUPS = re.compile(rf"\+?\d+(?:{_BETWEEN}\d+)*")
_LONGEST_PHONE = 13  # with the country; E.164 allows 15, but nobody has them, and American Express does
_NAMES = (
    r"(?:cvv2?|cvc2?|cvn|csc|c[oó]digo de seguridad|clave de seguridad|(?:tres|3) (?:n[uú]meros|d[ií]gitos) de atr[aá]s"
    r"|security code|card code|(?:three|3) (?:digits|numbers) on the back)"
)
_PARTS_OF_NAMES = ("cv", "csc", "segur", "atr", "code", "back")  # each name has one; found much faster than a pattern
_LINK = r"(?:[\s:=#]|\b(?:es|is|son|are|de|of|la|el|mi|my|the|tarjeta|card|n[uú]mero|number)\b){0,9}"
_VALUE_AFTER = re.compile(rf"(?i)\b({_NAMES}{_LINK})(?<!\d)\d{{3,4}}(?!\d)")
_VALUE_BEFORE = re.compile(rf"(?i)(?<![\w-])\d{{3,4}}(?!\d)({_LINK}{_NAMES})\b")
_DIGIT = re.compile(r"\d")
_FEWEST, _MOST = 13, 19
_FEWEST_OF_A_VALUE = 3


def mask_cards(text: str) -> str:
    """The text with card numbers as 411111******1111 and verification values as ***."""
    if _DIGIT.search(text) is None:  # nearly always
        return text
    digits = sum(map(str.isdigit, text))
    if digits < _FEWEST_OF_A_VALUE:
        return text
    folded = text.casefold()
    if any(part in folded for part in _PARTS_OF_NAMES):
        text = _VALUE_BEFORE.sub(r"***\1", _VALUE_AFTER.sub(r"\1***", text))
    return _GROUPS.sub(_mask, text) if digits >= _FEWEST else text


def mask_all(value: Any) -> Any:
    """JSON with every text in it masked. Not for ids of ours: some look like cards."""
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, list):
        return [mask_all(one) for one in value]
    if isinstance(value, dict):
        return {mask_cards(name): mask_all(one) for name, one in value.items()}
    return value


def _mask(match: re.Match[str]) -> str:
    """Masks the cards among the groups: a card may stand between other numbers, such as the day it expires."""
    text = match.group()
    found = (group for group in re.finditer(r"%20|(\d+)", text) if group[1])
    groups = [(group.start(), _digits(group[1])) for group in found]
    length = sum(len(digits) for _, digits in groups)
    if length < _FEWEST or (text.startswith("+") and length <= _LONGEST_PHONE):
        return text
    masked, done, first = "", 0, 0
    while first < len(groups):
        last = _card(groups, first)
        if last is None:
            first += 1
            continue
        digits = "".join(digits for _, digits in groups[first : last + 1])
        masked += text[done : groups[first][0]] + digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
        done, first = groups[last][0] + len(groups[last][1]), last + 1
    return masked + text[done:]


def _card(groups: list[tuple[int, str]], first: int) -> int | None:
    """The last group of the longest card that begins with the group `first`.

    Luhn's sum doubles every second digit from the end, so with each digit more the two sums change places.
    """
    found, length, plain, doubled = None, 0, 0, 0
    for place in range(first, len(groups)):
        for digit in groups[place][1]:
            if (length := length + 1) > _MOST:
                return found
            plain, doubled = doubled + int(digit), plain + _DOUBLED[int(digit)]
        if length >= _FEWEST and plain % 10 == 0:
            found = place
    return found


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _digits(text: str) -> str:
    return "".join(str(int(letter)) for letter in text)
