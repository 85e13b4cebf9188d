"""What an agent reads first: the whole matter in at most 80 words. Pure and deterministic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_WORDS = 80
NOT_A_NEED = {
    None,
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "no_data",
    "choose",
    "attachment",
    "wordless",
    "card_number",
    "other_language",
    # What the hub tells the assistant, and buttons of a survey.
    "handoff_resolved",
    "handoff_expired",
    "ask_callback",
    "rate",
    "skip",
    "bot_challenge",
    "nlu_fallback",
    "out_of_scope",
}


@dataclass(frozen=True)
class Line:
    """One customer message: what was said and what the assistant understood."""

    text: str
    intent: str | None = None
    sentiment: str | None = None


def summarise(
    words: Mapping[str, Any],
    lines: Sequence[Line],
    collected: Mapping[str, Any],
    reason: str,
    outcome: str | None = None,
) -> str:
    """Facts in short sentences: need, customer's own words, data, what the assistant did, mood, reason.

    `words` is one language of the server's texts (its keys summary, reasons, intents, slots, outcomes, moods).
    """
    needs = _needs(words, lines)
    shape = words["summary"]
    sentences = [shape["wants"].format(needs=", ".join(needs)) if needs else shape["unclear"]]
    if quote := _telling(lines):
        sentences.append(shape["said"].format(text=quote))
    if facts := _facts(words, collected):
        sentences.append(shape["knows"].format(facts=facts))
    if outcome:
        sentences.append(shape["skill"].format(outcome=words["outcomes"].get(outcome, outcome.replace("_", " "))))
    if mood := next((line.sentiment for line in reversed(lines) if line.sentiment), None):
        sentences.append(shape["mood"].format(mood=words["moods"].get(mood, mood)))
    sentences.append(shape["why"].format(reason=words["reasons"].get(reason, reason)))
    return _within(sentences)


def _needs(words: Mapping[str, Any], lines: Sequence[Line]) -> list[str]:
    """Each need once, in order; the wish for a person only when it is the only one (the reason says it already)."""
    seen = dict.fromkeys(line.intent for line in lines if line.intent not in NOT_A_NEED)
    if len(seen) > 1:
        seen.pop("human_handoff", None)
    return [words["intents"].get(intent, str(intent).replace("_", " ")) for intent in seen]


def _telling(lines: Sequence[Line]) -> str | None:
    """The longest message that names a need, else the longest of all: usually the one that tells the story."""
    needs = [line.text for line in lines if line.intent not in NOT_A_NEED and line.intent != "human_handoff"]
    telling = needs or [line.text for line in lines]
    if not telling:
        return None
    return quoted(max(telling, key=len))


def quoted(text: str) -> str:
    words = text.split()
    return " ".join(words[:24]) + ("…" if len(words) > 24 else "")


def _facts(words: Mapping[str, Any], collected: Mapping[str, Any]) -> str:
    """What does not hold is no fact, and what simply holds needs no value."""
    named = ((words["slots"].get(name, name.replace("_", " ")), value) for name, value in collected.items())
    return ", ".join(
        name if value is True else f"{name} {str(value)[:60]}" for name, value in named if value is not False
    )


def _within(sentences: Sequence[str]) -> str:
    """The reason is last and always stays; what is cut is cut before it."""
    *first, reason = sentences
    words = " ".join(first).split()
    room = MAX_WORDS - len(reason.split())
    kept = " ".join(words[:room]) + ("…" if len(words) > room else "")
    return f"{kept} {reason}"
