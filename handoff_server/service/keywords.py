"""Words that the hub itself understands: a person is one step away on every channel, the assistant up or down."""

import unicodedata
from functools import cache

from handoff_server.texts import LANGUAGES, texts


def means(key: str, text: str) -> bool:
    """Is the whole text one of the words of `key` in texts/*.yml, in any language?"""
    return len(text) <= 60 and plain(text) in _words(key)


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(plain(word) for language in LANGUAGES for word in texts(language)[key].split(","))


def plain(text: str) -> str:
    """For comparing: without case, accents, punctuation and needless space."""
    letters = (letter for letter in unicodedata.normalize("NFD", text.casefold()) if letter.isalnum() or letter == " ")
    return " ".join("".join(letters).split())
