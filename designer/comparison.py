"""Before and after: what another model, or other sentences, changed in the figures. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_SENTENCES = 10


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """One line for each figure that moved by half a point or more, then the sentences that turned right or wrong."""
    lines = []
    if before["sentences"] != after["sentences"]:
        lines.append("The sentences changed too: figures that stand side by side are of different texts.")
    old, new = dict(_figures(before)), dict(_figures(after))
    for name in [*new, *(name for name in old if name not in new)]:
        was, is_now = old.get(name), new.get(name)
        if was is None or is_now is None:
            if was != is_now:
                lines.append(f"  {name:<34} {_shown(was)} → {_shown(is_now)}")
        elif abs(is_now - was) >= 0.005:
            lines.append(f"  {name:<34} {_shown(was)} → {_shown(is_now)}  ({is_now - was:+.3f})")
    lines += _sentences("right now", _texts(before) - _texts(after))
    lines += _sentences("wrong now", _texts(after) - _texts(before))
    return lines or ["No figure moved."]


def _figures(told: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    for place, group in (("", told["intents"]), *((f"{name} ", one) for name, one in told["languages"].items())):
        if group:
            yield from ((f"{place}{name}", group[name]) for name in ("accuracy", "macro_f1", "caught", "asked_back"))
    if told["intents"]:
        yield from ((f"F1 of {label}", one["f1"]) for label, one in told["intents"]["labels"].items())
    if told["sentiment"]:
        yield from ((f"negative {name}", told["sentiment"]["negative"][name]) for name in ("precision", "recall"))
    if told["human"]:
        yield from ((f"handoff {name}", told["human"]["handoff"][name]) for name in ("precision", "recall"))


def _texts(told: dict[str, Any]) -> set[str]:
    return {error["text"] for error in told["errors"]}


def _sentences(what: str, texts: set[str]) -> list[str]:
    more = len(texts) - MOST_SENTENCES
    shown = [f"  {what}: {text[:100]}" for text in sorted(texts)[:MOST_SENTENCES]]
    return shown + ([f"  … and {more} more {what}"] if more > 0 else [])


def _shown(value: float | None) -> str:
    return "  -  " if value is None else f"{value:.3f}"
