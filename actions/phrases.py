"""What a customer says, as words, and the phrases that designers look for in it. Pure.

A phrase is written in plain words: accents, capitals and punctuation do not matter. `pas*` is any word that begins so,
`(a|b c)` one of several, `(a)?` may be missing, `...` stands for up to four words, and `<name>` for one of the phrases
that the rules file lists below `words`. A phrase lies within one clause: no comma, full stop or line end is in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

READ = 2_000  # characters: who writes more has said by then what he wants
GAP = r"(?:\w+ ){0,4}"
MOST_GAPS = 3  # each multiplies the ways in which a text can be tried
_COURTESY = re.compile(r",?\s*\b(?:por favor|porfa(?:vor)?|porfis|xfa|please|pls|plz)\b\s*,?")
_BORDER = re.compile(r"[.,;:!?¡¿…()\n]+|\s[-\u2013\u2014]\s")
_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")  # "holaaaa"
_PARTS = re.compile(r"\.\.\.|[()|?]|<\w+>|[\w*]+|\S")


class BadPhrase(Exception):
    """The phrase cannot be read; the message tells why and what to write."""


def plain(text: str) -> str:
    """Small letters without accents; letters that are drawn out count once."""
    letters = unicodedata.normalize("NFKD", text[:READ].casefold())
    return _DRAWN_OUT.sub(r"\1", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def clauses(text: str) -> tuple[str, ...]:
    """The words of each clause, every word with one space behind it."""
    spoken = _COURTESY.sub(" ", plain(text).replace("'", "").replace("\u2019", ""))
    split = (re.findall(r"\w+", clause) for clause in _BORDER.split(spoken))
    return tuple("".join(f"{word} " for word in words) for words in split if words)


def pattern(phrases: Iterable[str], words: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    """Finds any of the phrases in a clause."""
    return re.compile(rf"\b(?:{'|'.join(_compiled(one, words) for one in phrases)})")


def _compiled(phrase: str, words: Mapping[str, Iterable[str]], inside: bool = False) -> str:
    parts = [_part(part, phrase, words, inside) for part in _PARTS.findall(plain(phrase))]
    if phrase.count("...") > MOST_GAPS:
        raise BadPhrase(f"{phrase!r} has more than {MOST_GAPS} gaps (...); make it two phrases")
    compiled = "".join(parts)
    try:
        found_in_nothing = re.compile(compiled).match("")
    except re.error:
        raise BadPhrase(f"{phrase!r}: brackets or | do not fit; write for instance (una|la) persona") from None
    if found_in_nothing:
        raise BadPhrase(f"{phrase!r} would be found in every text; write at least one word that must be there")
    return compiled


def _part(part: str, phrase: str, words: Mapping[str, Iterable[str]], inside: bool) -> str:
    if part == "...":
        return GAP
    if part in ("|", ")", "?"):
        return part
    if part == "(":
        return "(?:"
    if part.startswith("<") and len(part) > 1:
        return _listed(part[1:-1], phrase, words, inside)
    if not re.fullmatch(r"\w+\*?", part):
        raise BadPhrase(
            f"{phrase!r}: {part!r} means nothing in a phrase; use words, *, ( | ), ? after ), ... and <name>"
        )
    return rf"(?:{part.removesuffix('*')}{chr(92)}w* )" if part.endswith("*") else f"(?:{part} )"


def _listed(name: str, phrase: str, words: Mapping[str, Iterable[str]], inside: bool) -> str:
    if inside:
        raise BadPhrase(f"{phrase!r}: phrases below `words` are made of words; <{name}> cannot be used there")
    if name not in words:
        raise BadPhrase(f"{phrase!r}: <{name}> is not listed below `words`; there are {', '.join(words) or 'none'}")
    return f"(?:{'|'.join(_compiled(one, words, inside=True) for one in words[name])})"
