"""How a text is written, as numbers: its words and the characters in them, each weighted by how rare it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
import scipy.sparse as sparse
from sklearn.feature_extraction.text import TfidfVectorizer

# Each face counts as its mood, so that a face nobody wrote down an example for is understood too.
FACES = {
    " :angry: ": "😡😠🤬👿😤👎🖕💩😒🙄😑🤨😾🤢🤮💢",
    " :sad: ": "😢😭😞😔😟😣😖😫😩☹🙁😥😰😨😱💔😿🥺",
    " :happy: ": "😀😃😄😁😊🙂😍🥰😘🤩🤗😇☺😻❤🧡💛💚💙💜💕💖💗👍👌💪🎉🥳✨⭐🌟💯😌😎👏🙌",
}
FACE = {ord(face): word for word, faces in FACES.items() for face in faces}
NAME_OR_LINK = re.compile(r"https?://\S+|www\.\S+|@\w+")
DRAWN_OUT = re.compile(r"(.)\1{2,}")  # "maaaal", "!!!!"
READ = 2000  # characters: who writes more has said by then what he means and how he feels
SHAPES: Sequence[Dict[str, Any]] = (
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u):?\w+:?|[^\w\s]"},
    {"analyzer": "char_wb", "ngram_range": (2, 4)},
)
_ACCENTS = str.maketrans("áéíóúüñàèìòùâêîôûç", "aeiouunaeiouaeiouc")


def plain(text: str) -> str:
    """Who is named or linked to says nothing, and numbers only differ."""
    text = NAME_OR_LINK.sub(" ", text[:READ]).translate(FACE)
    return re.sub(r"\d", "0", DRAWN_OUT.sub(r"\1\1", text)).lower()


class Spelling:
    """Knows the words and characters of the texts it was fitted on; others count for nothing."""

    def __init__(self, shapes: List[TfidfVectorizer]) -> None:
        self._shapes = shapes

    @classmethod
    def fitted_on(cls, texts: Sequence[str]) -> Spelling:
        return cls([_vectorizer(shape).fit(texts) for shape in SHAPES])

    def rows(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """One row a text; the part for words and the part for characters have length 1 each."""
        return sparse.hstack([shape.transform(texts) for shape in self._shapes], format="csr")

    def save(self, folder: Path) -> None:
        """As numbers and words, nothing that could run when it is read."""
        words = [sorted(shape.vocabulary_, key=shape.vocabulary_.__getitem__) for shape in self._shapes]
        (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
        np.savez(folder / "rarity.npz", *[shape.idf_ for shape in self._shapes])

    @classmethod
    def load(cls, folder: Path) -> Spelling:
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        shapes = [_vectorizer(shape, known) for shape, known in zip(SHAPES, words)]
        with np.load(folder / "rarity.npz", allow_pickle=False) as kept:
            for number, shape in enumerate(shapes):
                shape.idf_ = kept[f"arr_{number}"]
        return cls(shapes)


def _vectorizer(shape: Dict[str, Any], words: Optional[List[str]] = None) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=_unaccented, sublinear_tf=True, vocabulary=words, **shape)


def _unaccented(text: str) -> str:
    return plain(text).translate(_ACCENTS)
