"""What a customer's message is to a survey: a number, words, a skip, nothing usable, or something else. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actions.hearing import NOT_UNDERSTOOD
from actions.phrases import plain
from actions.reading import SURE, Message

SKIP = "skip"
ASKED = ("survey_csat", "survey_nps", "survey_comment")  # in this order; without `survey_` they are the hub's names
RANGES = {"survey_csat": range(1, 6), "survey_nps": range(11)}
MAX_COMMENT = 2_000
_WORDS = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    "zero one two three four five six seven eight nine ten",
)
NUMBERS = {word: number for words in _WORDS for number, word in enumerate(words.split())}
_NUMBER = re.compile(
    r"(?:(?:un|una|el|le|les|doy|pongo|califico|con|mi|nota|seria|es|a|an|id|i|would|give|it|say|its)\s+){0,4}"
    rf"(\d{{1,3}}|{'|'.join(NUMBERS)})"
    r"(?:\s*(?:/|de|sobre|out of|of)\s*(?:5|10|cinco|diez|five|ten))?(?:\s*(?:estrellas?|puntos?|stars?|points?))?"
)
_SKIP = re.compile(
    r"(?:omitir|omite|omitelo|saltar|saltarla|saltalo|siguiente|paso|skip(?: it| this)?|pass|next|prefiero no(?: \w+)*|"
    r"no (?:quiero|deseo|voy a) (?:responder|contestar|calificar|decir)(?: \w+)*|rather not(?: \w+)*)"
)
_NOTHING_TO_SAY = re.compile(
    r"(?:no|nop|nope|nada|nada mas|no gracias|ninguno|no thanks|nothing|none|thats all|eso es todo)"
)
_REQUEST = re.compile(
    r"(?:quiero|quisiera|necesito|me gustaria|puedo|puedes|pueden|podria|donde|como|cuando|cuanto|"
    r"i want|i need|id like|can|could|where|how|when|what)\b"
)
# Talk that answers no question, and words of judgement ("pésimo", "excelente") that sound like a complaint or thanks.
_NO_ASIDE = (*NOT_UNDERSTOOD, "affirm", "no_data", "choose", "rate", "skip", "wordless", "handoff_resolved")
_JUDGEMENT = ("complaint", "thanks", "greet", "goodbye", "out_of_scope", "product_info")
MAX_JUDGEMENT = 3  # words


@dataclass(frozen=True)
class Answer:
    """`value` of `slot`: a number, a comment, or `skip`; None when it was no answer to the question. `aside`: something
    else is meant."""

    slot: str
    value: Any = None
    aside: bool = False


def answer_in(message: Message, asked: str) -> Answer:
    if (pressed := message.entities.get("csat")) and message.intent == "rate":
        return Answer("survey_csat", number_in(str(pressed), "survey_csat"))
    if message.intent == "skip" and not message.typed:
        return Answer(asked, SKIP)
    if not message.typed:
        return Answer(asked, aside=True)
    said = " ".join(re.sub(r"[^\w\s/]", " ", plain(message.typed).replace("'", "")).split())
    if _SKIP.fullmatch(said) or (asked == "survey_comment" and _NOTHING_TO_SAY.fullmatch(said)):
        return Answer(asked, SKIP)
    if asked == "survey_comment":
        return (
            Answer(asked, aside=True) if _asks_something(message, said) else Answer(asked, message.typed[:MAX_COMMENT])
        )
    number = number_in(message.typed, asked)
    return Answer(asked, number, aside=number is None and _means_something_else(message, said))


def number_in(text: str, asked: str) -> int | None:
    """`4` from "4", "un cuatro", "4/5" or "four stars"; None for what is no number of that question."""
    said = " ".join(re.sub(r"[^\w\s/]", " ", plain(text).replace("'", "")).split())
    found = _NUMBER.fullmatch(said)
    number = int(NUMBERS.get(found[1], found[1])) if found else -1
    return number if number in RANGES[asked] else None


def hangs_in_the_air(survey: Any) -> bool:
    """Is there a survey of which an answer is missing?"""
    return isinstance(survey, Mapping) and f"survey_{survey.get('asks')}" in RANGES


def _means_something_else(message: Message, said: str) -> bool:
    if message.intent in _JUDGEMENT and len(said.split()) <= MAX_JUDGEMENT and "?" not in message.typed:
        return False
    return message.intent not in _NO_ASIDE


def _asks_something(message: Message, said: str) -> bool:
    """A comment may speak of orders and persons; a question or a request wants an answer."""
    if message.intent in _NO_ASIDE or message.intent in _JUDGEMENT:
        return False
    return "?" in message.typed or (message.confidence >= SURE and bool(_REQUEST.match(said)))
