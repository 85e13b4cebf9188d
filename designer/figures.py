"""The figures of a measurement. Pure: labels beside what was heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Found:
    """How well one thing is found: the share of what was called so that is so, the share of what is so that was called
    so, their harmonic mean, and how many there were."""

    precision: float
    recall: float
    f1: float
    count: int


def found(pairs: Iterable[tuple[bool, bool]]) -> Found:
    """From pairs (is so, was called so). A share of nothing is 0."""
    counted = Counter(pairs)
    right, missed, wrong = counted[True, True], counted[True, False], counted[False, True]
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    f1 = 2 * right / (2 * right + wrong + missed) if right else 0.0
    return Found(precision, recall, f1, right + missed)


def share(hits: Iterable[bool]) -> float | None:
    """The share of True; None of nothing."""
    hit = list(hits)
    return sum(hit) / len(hit) if hit else None


def of_labels(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Accuracy, macro and weighted F1 and each label's figures, from pairs (label, heard). Labels that nobody gave but
    that were heard lower the precision of none and the recall of the right one; macro is over the labels given."""
    labels = sorted({label for label, _ in pairs})
    each = {label: found((is_so == label, heard == label) for is_so, heard in pairs) for label in labels}
    return {
        "count": len(pairs),
        "accuracy": share(label == heard for label, heard in pairs),
        "macro_f1": sum(one.f1 for one in each.values()) / len(each) if each else None,
        "weighted_f1": sum(one.f1 * one.count for one in each.values()) / len(pairs) if pairs else None,
        "labels": {label: asdict(one) for label, one in each.items()},
    }
