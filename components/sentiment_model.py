"""How a customer feels: logistic regression on words, characters and, where there is one, the sentence's vector."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression

from components.spelling import Spelling

Array = npt.NDArray[np.float64]

LABELS = ("negative", "neutral", "positive")
# Length of the vector beside TF-IDF rows of length 1, and the weight of the examples. Best of 12 pairs by
# cross-validation (accuracy and log loss); without the vector ten times the weight is no better either.
VECTOR_LENGTH, C = 2.0, 3.0
# Of a plain sentence against one of data/sentiment. With it a third as many requests are called negative as without, at
# the same recall and precision on feelings; a full weight costs recall.
PLAIN_WEIGHT = 0.3


class SentimentModel:
    """Two sets of weights over the same text features: beside the sentence's vector, and for text alone."""

    def __init__(self, spelling: Spelling, weights: Dict[str, Array]) -> None:
        self._spelling, self._weights = spelling, weights

    @classmethod
    def learned_from(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vectors: Optional[npt.ArrayLike] = None,
        plain: Sequence[Tuple[str, npt.ArrayLike]] = (),
    ) -> SentimentModel:
        """`vectors`: one row a text, of any length; without them messages are judged by their text alone. `plain`:
        sentences, with their vectors, that want something and show no feeling, whatever their words."""
        wishes = [text for text, _ in plain]
        spelling = Spelling.fitted_on([*texts, *wishes])
        weights = {"text": _fitted(spelling.rows(texts), labels)}
        if vectors is not None:
            rows = np.vstack([np.asarray(vectors), *(vector for _, vector in plain)])
            features = _beside(spelling.rows([*texts, *wishes]), rows)
            weights["vector"] = _fitted(features, [*labels, *["neutral"] * len(plain)], len(plain))
        return cls(spelling, weights)

    def probabilities(self, text: str, vector: Optional[npt.ArrayLike] = None) -> Dict[str, float]:
        """Of each label; they add up to 1. `vector` is left aside when the model has learned without."""
        features, weights = self._spelling.rows([text]), self._weights["text"]
        if vector is not None and "vector" in self._weights:
            features, weights = _beside(features, np.asarray(vector).reshape(1, -1)), self._weights["vector"]
        strength = (features @ weights[:, :-1].T + weights[:, -1])[0]
        odds = np.exp(strength - strength.max())
        return {label: float(odd / odds.sum()) for label, odd in zip(LABELS, odds)}

    def save(self, folder: Path) -> None:
        """As numbers and words, nothing that could run when it is read."""
        self._spelling.save(folder)
        np.savez(folder / "weights.npz", **self._weights)

    @classmethod
    def load(cls, folder: Path) -> SentimentModel:
        with np.load(folder / "weights.npz", allow_pickle=False) as kept:
            return cls(Spelling.load(folder), dict(kept))


def feeling(likely: Mapping[str, float], negative_at: float, positive_at: float) -> Tuple[str, float]:
    """Label and score, from -1 to 1: -P(negative) when that is at least `negative_at`, else P(positive) when that is at
    least `positive_at`, else the difference, which then lies between the two.

    So the label is a cut of the score. The difference alone would be near 0 for sarcasm, which has much of both.
    """
    if likely["negative"] >= negative_at:
        return "negative", -likely["negative"]
    if likely["positive"] >= positive_at:
        return "positive", likely["positive"]
    return "neutral", likely["positive"] - likely["negative"]


def _beside(written: sparse.csr_matrix, vectors: Array) -> sparse.csr_matrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1.0
    return sparse.hstack([written, sparse.csr_matrix(vectors / lengths * VECTOR_LENGTH)], format="csr")


def _fitted(features: sparse.csr_matrix, labels: Sequence[str], plain: int = 0) -> Array:
    """One row a label, its constant last; the last `plain` rows weigh less. Balanced: no label is likelier for having
    more examples."""
    known = np.array([LABELS.index(label) for label in labels])
    weights = np.where(np.arange(len(known)) < len(known) - plain, 1.0, PLAIN_WEIGHT)
    balance = weights.sum() / (len(LABELS) * np.bincount(known, weights, len(LABELS)))
    regression = LogisticRegression(C=C, max_iter=500, random_state=0)
    regression.fit(features, known, weights * balance[known])
    return np.hstack([regression.coef_, regression.intercept_.reshape(-1, 1)])
