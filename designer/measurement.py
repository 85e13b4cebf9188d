"""One measurement of the trained model on labelled sentences: its figures and its errors. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from actions.escalation import Decision
from designer import figures
from designer.sentences import Sentence
from designer.understanding import FALLBACK, Understood

OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Heard:
    """A labelled sentence beside what the assistant made of it."""

    sentence: Sentence
    understood: Understood
    decision: Decision


def measure(heard: Sequence[Heard], intents: frozenset[str]) -> dict[str, Any]:
    """All figures that the labels allow; what nobody labelled is None.

    A label that the model does not know counts as out_of_scope. Caught for out_of_scope is what was heard as that, or
    as nothing at all: the customer gets the same answer.
    """
    labelled = [one for one in heard if one.sentence.label is not None]
    languages = sorted({one.sentence.language for one in labelled})
    return {
        "unknown_labels": dict(Counter(_unknown(labelled, intents))),
        "intents": _of_intents(labelled, intents) if labelled else None,
        "languages": {
            language: _of_intents([one for one in labelled if one.sentence.language == language], intents)
            for language in languages
        },
        "sentiment": _of_sentiment(heard),
        "human": _of_decisions(heard),
        "errors": _errors(labelled, intents),
    }


def confusion(heard: Iterable[Heard], intents: frozenset[str]) -> dict[tuple[str, str], int]:
    """How often each label was heard as each intent; the fallback stands by itself here."""
    labelled = (one for one in heard if one.sentence.label is not None)
    return dict(Counter((_label(one, intents), one.understood.intent or FALLBACK) for one in labelled))


def _of_intents(heard: Sequence[Heard], intents: frozenset[str]) -> dict[str, Any]:
    pairs = [(_label(one, intents), _heard(one)) for one in heard]
    foreign = [one for one in heard if _label(one, intents) == OUT_OF_SCOPE]
    ours = [one for one in heard if _label(one, intents) != OUT_OF_SCOPE]
    return {
        **figures.of_labels(pairs),
        "top": figures.share(_label(one, intents) == _top(one) for one in ours),
        "asked_back": figures.share(one.understood.intent in (FALLBACK, None) for one in ours),
        "caught": figures.share(_heard(one) == OUT_OF_SCOPE for one in foreign),
    }


def _of_sentiment(heard: Iterable[Heard]) -> dict[str, Any] | None:
    pairs = [
        (one.sentence.sentiment, str((one.understood.sentiment or {}).get("label")))
        for one in heard
        if one.sentence.sentiment is not None
    ]
    if not pairs:
        return None
    negative = figures.found((label == "negative", felt == "negative") for label, felt in pairs)
    return {"accuracy": figures.share(label == felt for label, felt in pairs), "negative": asdict(negative)}


def _of_decisions(heard: Iterable[Heard]) -> dict[str, Any] | None:
    pairs = [(one.sentence.human, one.decision.action) for one in heard if one.sentence.human is not None]
    if not pairs:
        return None
    return {
        "handoff": asdict(figures.found((bool(human), action == "handoff") for human, action in pairs)),
        "handoff_or_offer": asdict(figures.found((bool(human), action != "none") for human, action in pairs)),
    }


def _errors(heard: Iterable[Heard], intents: frozenset[str]) -> list[dict[str, Any]]:
    """Wrongly heard sentences, the surest first; those that were not understood at all come last, with the guess."""
    wrong = [one for one in heard if _heard(one) != _label(one, intents)]
    told = [
        {
            "text": one.sentence.text,
            "label": _label(one, intents),
            "heard": one.understood.intent or FALLBACK,
            "guess": _top(one),
            "confidence": round(one.understood.ranking[0][1], 3) if one.understood.ranking else 0.0,
        }
        for one in wrong
    ]
    return sorted(told, key=lambda one: (one["heard"] == FALLBACK, -one["confidence"]))


def _unknown(heard: Iterable[Heard], intents: frozenset[str]) -> list[str]:
    return [str(one.sentence.label) for one in heard if one.sentence.label not in intents]


def _label(one: Heard, intents: frozenset[str]) -> str:
    label = str(one.sentence.label)
    return label if label in intents and label != FALLBACK else OUT_OF_SCOPE


def _heard(one: Heard) -> str:
    return OUT_OF_SCOPE if one.understood.intent in (FALLBACK, None) else str(one.understood.intent)


def _top(one: Heard) -> str | None:
    return one.understood.ranking[0][0] if one.understood.ranking else None
