"""Takes personal data out of a sentence before anybody learns from it. Pure.

What has an entity becomes an annotated example with a made-up value; the rest becomes made-up words. It rather masks
too much, and cannot know every name: whoever accepts a sentence reads it first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

MADE_UP = {"order_number": "AB-1234", "email": "cliente@correo.example", "phone": "+57 300 000 0000"}
NAME, STREET, NUMBER, CARD = "Ana", "10 # 20-30", "00000", "XXXX"
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_ORDER = re.compile(r"\b(?:[A-Za-z]{2}-?|[A-Z]{2} )\d{4}\b")
_CARD = re.compile(r"\b\d{4,6}\*{3,}\d{4}\b|\b\d(?:[ .-]?\d){12,18}\b")
_STREET = re.compile(
    r"\b((?:calle|carrera|cra|cll|kra|avenida|av|diagonal|transversal|pasaje|jir[oó]n|street|avenue|ave)\.? )"
    r"[^,;:?!\n\x00]{0,30}?\d[\w#°-]*(?: ?(?:#|no\.?|n[°º]|-) ?\d[\w-]*)*",
    re.IGNORECASE,
)
_DAY = r"\d{4}-\d{2}-\d{2}\b"
_DIGITS = re.compile(
    rf"(?<![\w$-])(?<!\$ )(?!{_DAY})(?:\+|00)?\(?\d(?:[ ().-]{{0,2}}\d){{6,14}}(?![\w-])|\b\w*\d{{5,}}\w*\b"
)
_CALLS = re.compile(r"\b(?:tel|cel|m[oó]vil|whats|fono|phone|mobile|ll[aá]m|call|contact)\w*", re.IGNORECASE)
_WORD = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*"
# Words that no name goes on with, or that say what somebody is rather than who.
_NO_NAME = (
    r"(?:y|e|o|de|del|desde|con|por|para|que|quiero|quisiera|necesito|tengo|compr[eé]|hice|ped[ií]|mi|el|la|los|las|un|una|"
    r"yo|ya|no|muy|tan|and|or|i|from|with|my|the|a|an|want|need|have|bought|ordered|but|pero|porque|esper\w*|"
    r"client[ea]s?|nuev[oa]s?|mayorista|vendedora?|compradora?|estudiante|quien|ese|esa|alguien|mayor|menor|"
    r"argentin[oa]|mexican[oa]|colombian[oa]|chilen[oa]|peruan[oa]|extranjer[oa])(?![\w'\u2019-])"
)
_A_NAME = rf"(?!{_NO_NAME}){_WORD}(?:\s+(?!{_NO_NAME}){_WORD}){{0,2}}"
_NAMED = re.compile(
    r"\b((?:me llamo|mi nombre es|a nombre de|soy|(?:le|les|te) (?:habla|escribe)|my name is|my name's|the name is|"
    rf"under the name(?: of)?|at[eo]ntamente,?)\s+){_A_NAME}",
    re.IGNORECASE,
)
# In English nearly everything may follow "I am"; a name is at least written with a capital.
_I_AM = re.compile(r"\b((?i:i am|i'm|i\u2019m|this is)\s+)[A-Z]\w+(?:\s+[A-Z]\w+)*")


def mask(text: str, entities: Collection[str]) -> str:
    """The sentence as a training example, in one line. `entities` are the domain's: only those are annotated."""
    done: list[str] = []

    def put(pattern: re.Pattern[str], made_up: Callable[[re.Match[str]], str], sentence: str) -> str:
        """Made-up values stand aside until the end, so that no later pattern takes them for real ones."""

        def aside(found: re.Match[str]) -> str:
            done.append(made_up(found))
            return f"\x00{len(done) - 1}\x00"

        return pattern.sub(aside, sentence)

    def example(entity: str) -> str:
        return f"[{MADE_UP[entity]}]({entity})" if entity in entities else MADE_UP[entity]

    def digits(found: re.Match[str]) -> str:
        is_phone = found[0].startswith("+") or _CALLS.search(found.string[: found.start()])
        return example("phone") if is_phone else NUMBER

    sentence = put(_EMAIL, lambda _: example("email"), _one_line(text))
    sentence = put(_ORDER, lambda _: example("order_number"), sentence)
    sentence = put(_CARD, lambda _: CARD, sentence)
    sentence = put(_STREET, lambda found: found[1] + STREET, sentence)
    sentence = put(_DIGITS, digits, sentence)
    sentence = put(_NAMED, lambda found: found[1] + NAME, sentence)
    sentence = put(_I_AM, lambda found: found[1] + NAME, sentence)
    while "\x00" in sentence:  # what stood aside may itself hold something that did
        sentence = re.sub(r"\x00(\d+)\x00", lambda found: done[int(found[1])], sentence)
    return sentence


def _one_line(text: str) -> str:
    """Brackets of the customer's own would read as annotations, and what cannot be printed is no YAML."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.translate(str.maketrans("[]{}", "()()")).split()).lstrip("-• ")
