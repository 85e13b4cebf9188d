"""The trained model in this process: the very pipeline that serves customers, without servers around it."""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designer.neighbours import Meanings
from designer.trouble import Trouble

FALLBACK = "nlu_fallback"
MODEL = Path(__file__).parent.parent / "models" / "relevo.tar.gz"


@dataclass(frozen=True)
class Understood:
    """What the pipeline made of a text. `ranking` holds (intent, confidence), best first, without the fallback."""

    text: str
    intent: str | None
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    sentiment: dict[str, Any] | None
    parsed: dict[str, Any]  # as Rasa tells it


class Understanding:
    """`of` a text is what the assistant would make of it as the first message of a conversation. What a model makes of
    a text never changes, so none is read twice."""

    def __init__(self, model: Path = MODEL) -> None:
        if not model.is_file():
            raise Trouble(f"There is no model {model.name}. Run `make train`.")
        be_quiet()
        from rasa.core.agent import Agent  # brings TensorFlow along: seconds that only a model is worth

        self._agent = Agent.load(str(model))
        self._loop = asyncio.new_event_loop()
        self._known: dict[str, Understood] = {}
        self.meanings = Meanings()
        self.intents = frozenset(self._agent.domain.intents)
        self.entities = frozenset(self._agent.domain.entities)

    def of(self, text: str) -> Understood:
        if text not in self._known:
            self._known[text] = self._read(text)
        return self._known[text]

    def _read(self, text: str) -> Understood:
        # The hub takes leading slashes away too: to Rasa they would be a command.
        parsed = self._loop.run_until_complete(self._agent.parse_message(text.strip().lstrip("/").strip() or "?"))
        intent = parsed.get("intent") or {}
        ranked = [(one["name"], float(one["confidence"])) for one in parsed.get("intent_ranking") or []]
        return Understood(
            text,
            intent.get("name"),
            float(intent.get("confidence") or 0.0),
            tuple((name, confidence) for name, confidence in ranked if name != FALLBACK),
            parsed.get("sentiment"),
            parsed,
        )


def be_quiet() -> None:
    """Rasa tells every step and every old habit of its libraries; here the figures are to be read."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # No filter would do: some of the libraries set filters of their own.
    warnings.showwarning = lambda *_, **__: None
    logging.disable(logging.WARNING)
    from rasa.utils.log_utils import configure_structlog  # the import itself would already speak

    configure_structlog(logging.ERROR)
