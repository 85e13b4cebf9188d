"""Buttons that are made while talking, within what every channel can show. Those of fixed texts are in domain.yml."""

from __future__ import annotations

import json
from collections.abc import Mapping

MOST = 3  # WhatsApp's limits, the narrowest
LONGEST_TITLE = 20  # characters


def buttons(intent: str, entity: str, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """One for each value of the entity, `{value: title}`; none at all when there are too many to show."""
    if len(titles) > MOST:
        return []
    return [
        {"title": fitting(title), "payload": f"/{intent}{json.dumps({entity: value})}"}
        for value, title in titles.items()
    ]


def fitting(title: str) -> str:
    """As many whole words as there is room for."""
    if len(title) <= LONGEST_TITLE:
        return title
    return title[: LONGEST_TITLE + 1].rpartition(" ")[0].rstrip(" ,.") or title[:LONGEST_TITLE]
