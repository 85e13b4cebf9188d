"""Does the customer say the same again? Pure: by the words, whatever their order and endings."""

from __future__ import annotations

import re
from functools import lru_cache

from actions.phrases import plain

ALIKE = 0.6
FEWEST_WORDS = 2  # "sí", "no" and "hola" may be said often
STEM = 5  # letters: "llegado" and "llega", "ordered" and "order" are one word
# "RX-4821" and an address answer questions; to give them again is not to say the same again.
_DATA = re.compile(r"\S+@\S+|\S*\d\S*")
_EMPTY = frozenset(
    "a al and are can con de del do does el en es esta for have i in is it la las le lo los me mi mis my no of on por "
    "pues que se si su te the to tu un una y ya yo you your hola hi hello gracias thanks favor please".split()
)


def alike(one: str, other: str) -> bool:
    """Share most of their words (Dice's coefficient). Two that name different data are not the same."""
    (mine, my_data), (theirs, their_data) = _read(one), _read(other)
    if min(len(mine), len(theirs)) < FEWEST_WORDS or (my_data and their_data and my_data.isdisjoint(their_data)):
        return False
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) >= ALIKE


@lru_cache(maxsize=512)  # every message is held against each of the next ones
def _read(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems of its words, and its data."""
    said = plain(text)
    words = re.findall(r"\w+", _DATA.sub(" ", said))
    return frozenset(word[:STEM] for word in words if word not in _EMPTY), frozenset(_DATA.findall(said))
