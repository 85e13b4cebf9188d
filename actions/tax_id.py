"""Tax numbers of the countries that the shop sells to, read as people write them and checked as far as they can be."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CALLED = r"(?:nit|rut|rfc|cuit|cuil|ruc|dni|c[eé]dula|c\.?c\.?|ein|tax id|tax number|ci)"
_NUMBER = r"([A-Z&Ñ]{3,4}[- ]?\d{6}[- ]?[A-Z0-9]{3}|\d[\d.\- ]{4,16}[\dK])(?!\w)"
_NEAR = re.compile(rf"\b{_CALLED}\b\W*(?:es|is|n[uú]mero|number|no\.?)?\W*{_NUMBER}", re.IGNORECASE)
_ALONE = re.compile(rf"(?<![\w@]){_NUMBER}", re.IGNORECASE)
_RFC = re.compile(r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}")


def tax_id_in(text: str) -> str | None:
    """In one writing (`900123456-8`, `RAGE850101AB1`); None when there is none or its check digit is wrong."""
    for pattern in (_NEAR, _ALONE):
        for found in pattern.finditer(text):
            if number := _plain(found[1]):
                return number
    return None


def called_tax_id_in(text: str) -> str | None:
    """Only a number that is called one: among other numbers in a sentence."""
    found = _NEAR.search(text)
    return _plain(found[1]) if found else None


def _plain(said: str) -> str | None:
    number = re.sub(r"[.\s/]", "", said.strip(" .-")).upper()
    if _RFC.fullmatch(number.replace("-", "")):
        return number.replace("-", "")
    digits = number.replace("-", "")
    if not re.fullmatch(r"\d{6,13}|\d{6,12}K", digits):
        return None
    head, dash, check = number.rpartition("-")
    if dash and len(check) == 1:
        return number if check in (_chilean(head), _colombian(head)) else _argentine(number)
    return _argentine(number) if number.count("-") == 2 else digits


def _chilean(head: str) -> str:
    """RUT: modulo 11 with 2 to 7 from the right."""
    rest = 11 - _weighed(head, (2, 3, 4, 5, 6, 7)) % 11
    return {11: "0", 10: "K"}.get(rest, str(rest))


def _colombian(head: str) -> str:
    """NIT: modulo 11 with these primes from the right."""
    rest = _weighed(head, (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)) % 11
    return str(rest if rest < 2 else 11 - rest)


def _argentine(number: str) -> str | None:
    """CUIT: 20-12345678-3, modulo 11 with 2 to 7 from the right."""
    if not re.fullmatch(r"\d{2}-\d{8}-\d", number):
        return None
    rest = 11 - _weighed(number[:-2].replace("-", ""), (2, 3, 4, 5, 6, 7)) % 11
    return number if number[-1] == {11: "0", 10: "9"}.get(rest, str(rest)) else None


def _weighed(head: str, weights: Sequence[int]) -> int:
    digits = [int(one) for one in reversed(head) if one.isdigit()]
    return sum(digit * weights[place % len(weights)] for place, digit in enumerate(digits))
