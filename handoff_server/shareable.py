"""Whether what an agent wrote to one customer may be proposed for another. Pure.

It may when nothing in it can be about somebody: no digit, address or link, no name, and no word that the conversation
of only one customer knows. It rather keeps a good reply back.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Set

FEWEST_WORDS, MOST_CHARACTERS = 3, 600
KNOWN_BY = 2  # conversations in which a word must have been written small, so that it is nobody's name
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_ADDRESS = re.compile(r"\d|@|://|www\.|\*{2,}", re.IGNORECASE)
_BEGINS = re.compile(r"(?:^|[.!?…:\n]|[¡¿])[\s\"'«(¡¿-]*$")


def common_words(conversations: Iterable[Iterable[str]], ours: Iterable[str] = ()) -> Set[str]:
    """What is written small in the texts of `KNOWN_BY` or more of these conversations, or stands in texts of `ours`."""
    known = Counter({word.lower(): KNOWN_BY for text in ours for word in _WORD.findall(text)})
    for texts in conversations:
        known.update({word for text in texts for word in _WORD.findall(text) if word.islower()})
    return {word for word, times in known.items() if times >= KNOWN_BY}


def is_shareable(text: str, common: Set[str]) -> bool:
    words = list(_WORD.finditer(text))
    if len(words) < FEWEST_WORDS or len(text) > MOST_CHARACTERS or _ADDRESS.search(text):
        return False
    return all(word[0].lower() in common and (word[0].islower() or _begins(text, word.start())) for word in words)


def content_of(text: str) -> frozenset[str]:
    """The words that say what it is about, without accents: what two questions may have in common."""
    plain = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return frozenset(word[:6] for word in _WORD.findall(plain) if len(word) > 3)


def sameness(text: str) -> str:
    """Equal for replies that differ in capitals, signs and spaces only."""
    return " ".join(_WORD.findall(text.casefold()))


def _begins(text: str, place: int) -> bool:
    """A capital is no name at the beginning of a sentence."""
    return _BEGINS.search(text[:place]) is not None
