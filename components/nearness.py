"""Which intent a message has, by how near it lies to each training sentence, in meaning and in spelling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Optional, Sequence

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve

from components.spelling import Spelling

Array = npt.NDArray[np.float32]

# Best of a grid by 5-fold cross-validation that kept like sentences in one fold. How soon meanings grow strange to each
# other, how much spelling counts beside meaning, how much the sentences give way to each other, and what turns scores
# into probabilities that keep their word.
GAMMA, SPELT, RIDGE, SHARPNESS = 1.0, 0.2, 0.2, 12.0


class Nearness:
    """Kernel ridge regression, one target an intent: each sentence speaks for its intent in its neighbourhood only.

    A plane between two intents (logistic regression) must run straight through everything in between; an intent with
    many ways to say it ("it pinches", "the wrong one came") is not on one side of a plane. And far from all sentences
    every score is small: what is strange is heard as unsure. Spelling helps where the meaning of a whole sentence hides
    the one word that tells: a product that nobody wrote a sentence about.
    """

    def __init__(self, intents: List[str], spelling: Spelling, words: Array, sentences: Array, voices: Array) -> None:
        """`words`: a score by word and intent. `sentences`: directions, one a row, each with its row of `voices`."""
        self.intents, self._spelling, self._words = intents, spelling, words
        self._sentences, self._voices = sentences, voices

    @classmethod
    def learned_from(
        cls, texts: Sequence[str], intents: Sequence[str], vectors: Optional[npt.ArrayLike] = None
    ) -> Nearness:
        """`vectors`: one row a text, of any length but zero; without them messages are judged by their spelling."""
        names, which, counts = np.unique(np.asarray(intents), return_inverse=True, return_counts=True)
        spelling = Spelling.fitted_on(texts)
        written = spelling.rows(texts).astype(np.float32)
        sentences = _directions(vectors) if vectors is not None else np.zeros((0, 0), np.float32)
        near = (written @ written.T).toarray() * SPELT
        if len(sentences):
            near += _near(sentences, sentences)
        # Balanced: no intent is likelier for having more sentences.
        near[np.diag_indices_from(near)] += RIDGE * len(names) * counts[which] / len(which)
        voices = solve(near, np.eye(len(names), dtype=np.float32)[which], assume_a="pos", overwrite_a=True)
        return cls([str(name) for name in names], spelling, SPELT * (written.T @ voices), sentences, voices)

    def probabilities(self, texts: Sequence[str], vectors: Optional[npt.ArrayLike] = None) -> Array:
        """One row a text, one column an intent, each row together 1. `vectors`: one row a text too; left aside when the
        model has learned without."""
        scores = self._spelling.rows(texts) @ self._words
        if vectors is not None and len(self._sentences):
            scores = scores + _near(_directions(vectors), self._sentences) @ self._voices
        odds: Array = np.exp(SHARPNESS * (scores - scores.max(axis=1, keepdims=True)))
        return odds / odds.sum(axis=1, keepdims=True)

    def save(self, folder: Path) -> None:
        """As numbers and words, nothing that could run when it is read."""
        self._spelling.save(folder)
        (folder / "intents.json").write_text(json.dumps(self.intents), encoding="utf-8")
        np.savez(folder / "scores.npz", words=self._words, sentences=self._sentences, voices=self._voices)

    @classmethod
    def load(cls, folder: Path) -> Nearness:
        intents = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        with np.load(folder / "scores.npz", allow_pickle=False) as kept:
            return cls(intents, Spelling.load(folder), kept["words"], kept["sentences"], kept["voices"])


def _directions(vectors: npt.ArrayLike) -> Array:
    rows = np.asarray(vectors, dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _near(ones: Array, others: Array) -> Array:
    """From 1 for the same direction towards 0."""
    near: Array = np.exp(GAMMA * (2.0 * (ones @ others.T) - 2.0))
    return near
