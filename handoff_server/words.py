"""The words of a search, and the piece of a text around the first of them. Pure; what counts as a word is what the
indexes of `migrations/full_text.py` take for one, as far as anybody types it."""

import re
import unicodedata
from collections.abc import Sequence

MOST_WORDS = 10
LONGEST_WORD = 60
EXCERPT = 140
BEFORE = 40  # characters of an excerpt that come before the word
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """What to look for, at most `MOST_WORDS`: letters and digits only, so nothing in them means anything to a database.
    None at all for signs and pictures."""
    found = (match.group()[:LONGEST_WORD] for match in _WORD.finditer(unicodedata.normalize("NFC", text)))
    return [word for word, _ in zip(found, range(MOST_WORDS), strict=False)]


def excerpt(text: str, wanted: Sequence[str]) -> str:
    """At most `EXCERPT` characters of the text, in one line, around the first of the words."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if len(line) <= EXCERPT:
        return line
    folded = line.translate(_FOLDING)
    begins = "|".join(re.escape(word.translate(_FOLDING)) for word in wanted)
    hit = re.search(rf"(?<![^\W_])(?:{begins})", folded)
    start = max(0, min(hit.start() - BEFORE if hit else 0, len(line) - EXCERPT))
    if start:
        start = line.find(" ", start, start + BEFORE) + 1 or start
    room = EXCERPT - bool(start)
    end = min(len(line), start + room)
    if end < len(line):
        end = start + room - 1
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"


class _Folding(dict[int, str]):
    """A letter without its accent, small; each stays one letter, so places in the text are kept."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = unicodedata.normalize("NFKD", chr(code))[0].lower()[0]
        return folded


_FOLDING = _Folding()
