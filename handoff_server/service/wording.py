"""What a person wrote, made fit to be kept, and what is said of what is no words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from handoff_server.masking import mask_cards
from handoff_server.refusal import Refusal
from handoff_server.texts import texts

MAX_TEXT = 4_000
MAX_KEPT = 20_000
_ASSISTANTS_WORDS = {"voice": "audio", "contact": "contacts"}  # as components/odd_message.py knows them


def kept(text: str) -> str:
    """What nobody could be told to write again: stored whole, or cut with a mark beyond `MAX_KEPT` characters."""
    clean = storable(text).strip()
    shown = mask_cards(clean[:MAX_KEPT]) or "…"
    return shown if len(clean) <= MAX_KEPT else f"{shown} […]"


def written(text: str, what: str = "message") -> str:
    """The text stripped, storable, with cards masked. Refusal when nothing is left or it is too long."""
    clean = storable(text).strip()
    if not clean:
        raise Refusal("invalid_request", f"the {what} is empty; write something first")
    if len(clean) > MAX_TEXT:
        raise Refusal("too_large", f"a {what} has at most {MAX_TEXT} characters, not {len(clean)}", limit=MAX_TEXT)
    return mask_cards(clean)


def storable(text: str) -> str:
    """Without NUL and halves of surrogate pairs: no database takes them, and no keyboard makes them."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def in_words(language: str, text: str, attachments: Iterable[Mapping[str, Any]]) -> str:
    """The text; of a message without one, what else it brought."""
    return text or ", ".join(named(language, one) for one in attachments)


def named(language: str, attachment: Mapping[str, Any]) -> str:
    word: str = texts(language)["attachments"][attachment["kind"]]
    return word.format(name=attachment.get("name") or "…")


def for_assistant(text: str, attachments: Sequence[Mapping[str, Any]]) -> str:
    """The words and, before them, of what kind the first thing is that came with them: it cannot look at such things,
    and says so; where there are words, these count."""
    if not attachments:
        return text
    kind = attachments[0]["kind"]
    return f"[{_ASSISTANTS_WORDS.get(kind, kind)}] {text}".strip()
