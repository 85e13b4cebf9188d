"""A message's clauses: who wants two things says so in two of them."""

from __future__ import annotations

import re
from typing import List, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

CLAUSES = "clauses"  # of a message, beside its text: (clause, vector) for each, when it has several
ENOUGH = 3  # words; fewer say nothing by themselves
MOST = 5  # of a message, so that the longest is read in bounded time; what is wanted comes last in a story
# Of 24 messages with two needs that nobody trained on, both are seen in 20 (in 11 without clauses). Of 150 with one
# need and several clauses, one is taken for two.
SURE, UNSURE = 0.85, 0.5
_BETWEEN = re.compile(r"[.,:]+(?=\s|$)|[;?!¿¡\n]+|\s(?:y|e|and|plus|además|también|also)\s", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
WHICH_ONE = re.compile(r"\S+@\S+|\b[a-z]{2}[\s-]?\d{4}\b", re.IGNORECASE)  # which order and whose e-mail is no wish


def clauses(text: str) -> List[str]:
    """The last of them, in order, each of enough words; none when there are not two."""
    parts = [part.strip() for part in _BETWEEN.split(text)]
    whole = [part for part in parts if len(_WORD.findall(WHICH_ONE.sub(" ", part))) >= ENOUGH][-MOST:]
    return whole if len(whole) > 1 else []


def of_clauses(whole: Array, parts: Sequence[Array], is_wish: Sequence[bool]) -> Array:
    """Probabilities by intent of a message, from those of the whole and of its clauses. `is_wish`: by intent.

    The same share for each wish that a clause surely has, if there are two, or if the whole tells nothing: a long story
    has its need at the end. What is surely none of these wishes, as a person or thanks, is left as it is.
    """
    unsure = whole.max() < UNSURE
    if not unsure and not is_wish[int(whole.argmax())]:
        return whole
    wishes = {int(part.argmax()): part for part in parts if part.max() >= SURE and is_wish[int(part.argmax())]}
    mean: Array = np.mean(list(wishes.values()), axis=0) if len(wishes) >= (1 if unsure else 2) else whole
    return mean
