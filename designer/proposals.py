"""What a designer decides about: sentences that mean the same, why they are here, and what they may mean."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.misunderstood import FLAGGED, Misunderstood
from designer.neighbours import Neighbours
from designer.personal_data import mask
from designer.training_text import Example, essence, plain
from designer.understanding import Understanding

LONGEST = 300  # characters; nobody learns from a longer one
SAME_NEED = 0.8  # similarity from which sentences are shown together
NEAREST = 3


@dataclass(frozen=True)
class Proposal:
    """`texts` are masked, the most frequent first; `signs` say why, with counts; `labels` are likely intents with
    the model's confidence (an agent's correction comes first, as 1.0); `nearest` are training sentences."""

    texts: tuple[str, ...]
    count: int
    signs: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, float], ...]
    nearest: tuple[tuple[Example, float], ...]


def propose(
    found: Iterable[Misunderstood],
    examples: Sequence[Example],
    entities: Collection[str],
    understanding: Understanding,
    discarded: Collection[str],
) -> list[Proposal]:
    """Groups what was misunderstood, first what agents have flagged, then the largest groups. What is in the training
    text by now, or was discarded before, is left out."""
    known = {essence(example.plain) for example in examples}
    texts: dict[str, str] = {}
    said: Counter[str] = Counter()
    why: dict[str, Counter[str]] = {}
    corrected: dict[str, str] = {}
    for one in found:
        masked = mask(one.text, entities)
        key = essence(plain(masked))
        if not re.search(r"\w", masked) or len(masked) > LONGEST or key in known or digest(masked) in discarded:
            continue
        texts.setdefault(key, masked)
        said[key] += 1
        why.setdefault(key, Counter()).update(one.signs)
        if one.corrected:
            corrected[key] = one.corrected
    if not said:
        return []
    neighbours = Neighbours(examples, understanding.meanings)
    keys = [key for key, _ in said.most_common()]
    vectors = understanding.meanings.vectors([plain(texts[key]) for key in keys])
    proposals = []
    for group in _groups(vectors):
        members = [keys[place] for place in group]
        reasons = sum((why[key] for key in members), Counter[str]())
        meant = next((corrected[key] for key in members if key in corrected), None)
        proposals.append(
            Proposal(
                tuple(texts[key] for key in members),
                sum(said[key] for key in members),
                tuple(reasons.most_common()),
                _labels(understanding.of(plain(texts[members[0]])).ranking, meant),
                tuple(neighbours.of(vectors[group[0]], NEAREST)),
            )
        )
    return sorted(proposals, key=lambda one: (FLAGGED not in dict(one.signs), -one.count))


def signs(one: Proposal) -> str:
    return ", ".join(f"{sign} x{count}" if count > 1 else sign for sign, count in one.signs)


def digest(text: str) -> str:
    """By which a discarded sentence is known again, without its words being kept."""
    return hashlib.sha256(essence(plain(text)).encode()).hexdigest()


def discarded(file: Path) -> set[str]:
    return set(file.read_text(encoding="utf-8").split()) if file.is_file() else set()


def discard(file: Path, texts: Iterable[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as kept:
        kept.writelines(f"{digest(text)}\n" for text in texts)


def _groups(vectors: Any) -> list[list[int]]:
    """Each text joins the first group whose first text is similar enough; frequent ones come first, so they lead."""
    groups: list[list[int]] = []
    for place in range(len(vectors)):
        near = next((group for group in groups if float(vectors[group[0]] @ vectors[place]) >= SAME_NEED), None)
        near.append(place) if near else groups.append([place])
    return groups


def _labels(ranking: Sequence[tuple[str, float]], meant: str | None) -> tuple[tuple[str, float], ...]:
    likely = [one for one in ranking if one[0] != meant][: 3 - bool(meant)]
    return tuple([*([(meant, 1.0)] if meant else []), *likely])
