"""Which intent a message has, by how near it lies to each training sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Sequence

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve

Array = npt.NDArray[np.float32]

# Best of a grid by 5-fold cross-validation that kept like sentences in one fold. How far a sentence is heard (larger is
# nearer), how much the sentences give way to each other, and what turns scores into probabilities that keep their word.
GAMMA, RIDGE, SHARPNESS = 1.0, 0.1, 12.0


class Nearness:
    """Kernel ridge regression, one target an intent: each sentence speaks for its intent in its neighbourhood only.

    A plane between two intents (logistic regression) must run straight through everything in between; an intent with
    many ways to say it ("it pinches", "the wrong one came") is not on one side of a plane. And far from all sentences
    every score is small: what is strange is heard as unsure.
    """

    def __init__(self, intents: List[str], sentences: Array, voices: Array) -> None:
        self.intents, self._sentences, self._voices = intents, sentences, voices

    @classmethod
    def learned_from(cls, vectors: npt.ArrayLike, intents: Sequence[str]) -> Nearness:
        """`vectors`: one row a sentence, of any length but zero."""
        names, which, counts = np.unique(np.asarray(intents), return_inverse=True, return_counts=True)
        sentences = _directions(vectors)
        near = _near(sentences, sentences).astype(np.float64)
        # Balanced: no intent is likelier for having more sentences.
        near[np.diag_indices_from(near)] += RIDGE * len(names) * counts[which] / len(which)
        voices = solve(near, np.eye(len(names))[which], assume_a="pos", overwrite_a=True)
        return cls([str(name) for name in names], sentences, voices.astype(np.float32))

    def probabilities(self, vectors: npt.ArrayLike) -> Array:
        """One row a vector, one column an intent; a row adds up to 1."""
        scores = SHARPNESS * (_near(_directions(vectors), self._sentences) @ self._voices)
        odds: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def save(self, folder: Path) -> None:
        """As numbers and words, nothing that could run when it is read."""
        (folder / "intents.json").write_text(json.dumps(self.intents), encoding="utf-8")
        np.savez(folder / "sentences.npz", sentences=self._sentences, voices=self._voices)

    @classmethod
    def load(cls, folder: Path) -> Nearness:
        intents = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        with np.load(folder / "sentences.npz", allow_pickle=False) as kept:
            return cls(intents, kept["sentences"], kept["voices"])


def _directions(vectors: npt.ArrayLike) -> Array:
    rows = np.asarray(vectors, dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _near(ones: Array, others: Array) -> Array:
    """From 1 for the same direction towards 0."""
    near: Array = np.exp(GAMMA * (2.0 * (ones @ others.T) - 2.0))
    return near
