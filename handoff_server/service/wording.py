"""What a person wrote, made fit to be kept."""

from handoff_server.masking import mask_cards
from handoff_server.refusal import Refusal

MAX_TEXT = 4_000
MAX_KEPT = 20_000


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
