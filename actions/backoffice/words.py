"""Finds by words what people call by many names: without accents, capitals, endings and little words."""

from __future__ import annotations

import re
import unicodedata

LITTLE = frozenset(
    "a al algo como con cual cuales cuando cuanto cuanta cuantos de del donde el ella en es esa ese eso esta este esto "
    "estan favor hay la las le les lo los me mi mis no o para pero por porque puede pueden que quiero quisiera se "
    "ser si son su sus te tengo tiene tienen tienes tu un una unas unos ustedes y ya yo hola buenas gracias "
    "an and any are at be by can could do does for from have how i if in is it of on or please that the there these "
    "they this to want was what when where which who will with would you your hi hello thanks".split()
)
STEM = 5  # letters: `devolver`, `devolución` and `devoluciones` begin alike
# `lavo`, `lavar`, `lavado`, `lavan`: endings go as long as three letters stay.
_ENDING = re.compile(
    r"(?<=\w{3})(aciones|acion|adora|ador|ados|adas|ando|iendo|ado|ada|ing|ed|ar|er|ir|an|en|as|es|os|[aeos])$"
)


def folded(text: str) -> str:
    """`Bogotá, D.C.` → `bogota d c`."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower()))


def stems(text: str) -> list[str]:
    """The beginnings of the words that carry meaning."""
    return [_ENDING.sub("", word)[:STEM] for word in folded(text).split() if word not in LITTLE]


def share(words: set[str], known: set[str], weights: dict[str, float]) -> float:
    """0 to 1: how much of the words, by weight, is known. A word without a weight weighs as much as the rarest."""
    rarest = max(weights.values(), default=1.0)
    total = sum(weights.get(word, rarest) for word in words)
    return sum(weights.get(word, rarest) for word in words & known) / total if total else 0.0
