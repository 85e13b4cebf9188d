"""What the assistant can understand, as its own domain tells: the intents that an agent may label a message with."""

import time
from typing import Any

from handoff_server.rasa_client import RasaClient
from handoff_server.refusal import Refusal
from handoff_server.texts import LANGUAGES, texts

FRESH_SECONDS = 60
# Rasa's own, and what the hub itself tells the assistant or a button of its survey says: nobody means these by words.
_NOBODYS = frozenset("back restart session_start nlu_fallback handoff_resolved handoff_expired ask_callback".split())
_BUTTONS = frozenset(("choose", "rate", "skip"))
# Told by the form of a message, not learned from sentences (components/odd_message.py).
_BY_FORM = frozenset(("attachment", "wordless", "card_number", "other_language"))


class Intents:
    """Asked of the assistant at most once a minute; while it cannot tell, what it told last holds."""

    def __init__(self, rasa: RasaClient) -> None:
        self._rasa = rasa
        self._known: list[str] = []
        self._asked_at = -float(FRESH_SECONDS)

    async def names(self) -> list[str]:
        """In the order of the domain. Refusal when the assistant has never been there to tell."""
        if time.monotonic() - self._asked_at >= FRESH_SECONDS and (told := await self._rasa.intents()):
            self._known = [name for name in told if name not in _NOBODYS | _BUTTONS | _BY_FORM]
            self._asked_at = time.monotonic()
        if not self._known:
            raise Refusal("overloaded", "the assistant cannot tell its intents now; try again shortly", retry_after=5)
        return self._known

    async def shown(self) -> list[dict[str, Any]]:
        """`name`, and `title` in each language for people, or None where the texts have none."""
        return [{"name": name, "title": _title(name)} for name in await self.names()]


def _title(name: str) -> dict[str, str] | None:
    titles = {code: texts(code)["intents"].get(name) for code in LANGUAGES}
    return titles if all(titles.values()) else None
