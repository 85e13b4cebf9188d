"""How a customer feels: logistic regression on words, characters and, where there is one, the sentence's vector."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[np.float64]

LABELS = ("negative", "neutral", "positive")
# Length of the vector beside TF-IDF rows of length 1, and the weight of the examples. Best of 12 pairs by
# cross-validation (accuracy and log loss); without the vector ten times the weight is no better either.
VECTOR_LENGTH, C = 2.0, 3.0
# Of a plain sentence against one of data/sentiment. With it a third as many requests are called negative as without, at
# the same recall and precision on feelings; a full weight costs recall.
PLAIN_WEIGHT = 0.3
# Each face counts as its mood, so that a face nobody wrote down an example for is understood too.
FACES = {
    " :angry: ": "😡😠🤬👿😤👎🖕💩😒🙄😑🤨😾🤢🤮💢",
    " :sad: ": "😢😭😞😔😟😣😖😫😩☹🙁😥😰😨😱💔😿🥺",
    " :happy: ": "😀😃😄😁😊🙂😍🥰😘🤩🤗😇☺😻❤🧡💛💚💙💜💕💖💗👍👌💪🎉🥳✨⭐🌟💯😌😎👏🙌",
}
FACE = {ord(face): word for word, faces in FACES.items() for face in faces}
NAME_OR_LINK = re.compile(r"https?://\S+|www\.\S+|@\w+")
DRAWN_OUT = re.compile(r"(.)\1{2,}")  # "maaaal", "!!!!"
READ = 2000  # characters: who writes more has said by then how he feels
SHAPES: Sequence[Dict[str, Any]] = (
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u):?\w+:?|[^\w\s]"},
    {"analyzer": "char_wb", "ngram_range": (2, 4)},
)


def plain(text: str) -> str:
    """What is said of someone or linked to has no feeling, and numbers only differ."""
    text = NAME_OR_LINK.sub(" ", text[:READ]).translate(FACE)
    return re.sub(r"\d", "0", DRAWN_OUT.sub(r"\1\1", text)).lower()


class SentimentModel:
    """Two sets of weights over the same text features: beside the sentence's vector, and for text alone."""

    def __init__(self, spellings: List[TfidfVectorizer], weights: Dict[str, Array]) -> None:
        self._spellings, self._weights = spellings, weights

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
        spellings = [_spelling(shape).fit([*texts, *wishes]) for shape in SHAPES]
        model = cls(spellings, {})
        model._weights["text"] = _fitted(model._written(texts), labels)
        if vectors is not None:
            rows = np.vstack([np.asarray(vectors), *(vector for _, vector in plain)])
            features = _beside(model._written([*texts, *wishes]), rows)
            model._weights["vector"] = _fitted(features, [*labels, *["neutral"] * len(plain)], len(plain))
        return model

    def probabilities(self, text: str, vector: Optional[npt.ArrayLike] = None) -> Dict[str, float]:
        """Of each label; they add up to 1. `vector` is left aside when the model has learned without."""
        features, weights = self._written([text]), self._weights["text"]
        if vector is not None and "vector" in self._weights:
            features, weights = _beside(features, np.asarray(vector).reshape(1, -1)), self._weights["vector"]
        strength = (features @ weights[:, :-1].T + weights[:, -1])[0]
        odds = np.exp(strength - strength.max())
        return {label: float(odd / odds.sum()) for label, odd in zip(LABELS, odds)}

    def save(self, folder: Path) -> None:
        """As numbers and words, nothing that could run when it is read."""
        words = [sorted(spelling.vocabulary_, key=spelling.vocabulary_.__getitem__) for spelling in self._spellings]
        (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
        rarity = {f"rarity{number}": spelling.idf_ for number, spelling in enumerate(self._spellings)}
        np.savez(folder / "weights.npz", **rarity, **self._weights)

    @classmethod
    def load(cls, folder: Path) -> SentimentModel:
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as kept:
            arrays = dict(kept)
        spellings = [_spelling(shape, known) for shape, known in zip(SHAPES, words)]
        for number, spelling in enumerate(spellings):
            spelling.idf_ = arrays.pop(f"rarity{number}")
        return cls(spellings, arrays)

    def _written(self, texts: Sequence[str]) -> sparse.csr_matrix:
        return sparse.hstack([spelling.transform(texts) for spelling in self._spellings], format="csr")


def _spelling(shape: Dict[str, Any], words: Optional[List[str]] = None) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=_unaccented, sublinear_tf=True, vocabulary=words, **shape)


def _unaccented(text: str) -> str:
    return plain(text).translate(_ACCENTS)


_ACCENTS = str.maketrans("áéíóúüñàèìòùâêîôûç", "aeiouunaeiouaeiouc")


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
