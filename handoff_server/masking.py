"""Card numbers are masked before anything is stored, with no way back. Pure.

A primary account number is 13 to 19 digits, possibly spaced or dashed, whose Luhn sum is right (ISO/IEC 7812); at most
the first six and the last four may be kept (PCI DSS 3.4.1). A verification value is known only by the word before it.
"""

import re

_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_VERIFICATION_VALUE = re.compile(r"(?i)\b(cvv2?|cvc2?|cvn|c[oó]digo de seguridad|security code)(\D{0,12})\d{3,4}\b")


def mask_cards(text: str) -> str:
    """The text with card numbers as 411111******1111 and verification values as ***."""
    return _VERIFICATION_VALUE.sub(r"\1\2***", _CARD.sub(_mask, text))


def _mask(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    if not _luhn(digits):
        return match.group()
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
