"""`make webhooks DIR=folder`: posts webhook bodies to a running hub, signed and twice, and says what it understood.

By default the hub is one of its own, from which nothing leaves. HUB=http://127.0.0.1:8000 names another one in
development: it must have the settings of this folder's .env, and its bot answers whoever the bodies are from.
"""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from handoff_server.settings import Settings, load_settings
from tests.webhooks.bodies import Delivery, deliveries
from tests.webhooks.own_hub import own_hub

TIMES = 2


@dataclass
class Tally:
    """`stored`: things that changed the log; `ignored`: all others; `doubled`: what a repetition changed again."""

    sent: int = 0
    stored: int = 0
    ignored: int = 0
    errors: int = 0
    doubled: int = 0

    def line(self) -> str:
        return "webhooks: " + " ".join(f"{name}={value}" for name, value in vars(self).items())


def deliver(bodies: Iterable[Delivery], settings: Settings, url: str) -> Tally:
    tally = Tally()
    token = {"Authorization": f"Bearer {settings.handoff_token.get_secret_value()}"}
    with httpx.Client(base_url=url, timeout=30) as http:
        for one in bodies:
            posted = [http.post(f"/webhooks/{one.channel}", content=one.raw, headers=one.headers) for _ in range(TIMES)]
            tally.sent += len(posted)
            failed = [answer for answer in posted if answer.status_code != 200]
            tally.errors += len(failed)
            answer = http.get(f"/api/v1/deliveries/{one.sha256}", headers=token)
            told = answer.json()["deliveries"] if answer.status_code == 200 else []
            if not failed and not told:
                tally.errors += 1
            first, again = (told[0]["told"] if told else []), [item for later in told[1:] for item in later["told"]]
            stored = sum(item["outcome"] == "stored" for item in first)
            tally.stored += stored
            tally.ignored += max(len(first), 1) - stored if not failed else 0
            tally.doubled += sum(item["outcome"] == "stored" for item in again)
            words = "; ".join(map(_words, first)) or "nothing in it"
            print(f"{one.name}: {failed[0].status_code} {failed[0].text[:200]}" if failed else f"{one.name}: {words}")
    return tally


def _words(item: dict[str, Any]) -> str:
    """What the hub made of one thing that a body told."""
    what, kind = item["is"], item.get("type", "")
    if what in ("message", "edit"):
        files = f" with {', '.join(item['attachments'])}" if item["attachments"] else ""
        return f"{what} {kind}{files} {item['text']!r} {item['outcome']}"
    if what == "status":
        error = f" ({item['error']})" if item.get("error") else ""
        return f"status {kind}{error} {'kept' if item['outcome'] == 'stored' else 'of no message of ours'}"
    if what == "echo":
        return "echo ignored"
    if what == "ignored":
        return f"ignored: {kind}"
    return f"{what} {'kept' if item['outcome'] == 'stored' else 'of nothing that we know'}"


def main() -> int:
    folder = Path(os.environ.get("DIR", ""))
    if not os.environ.get("DIR") or not any(folder.glob("*/*.json")):
        print("DIR must name a folder with <platform>/*.json: make webhooks DIR=folder", file=sys.stderr)
        return 2
    if hub := os.environ.get("HUB"):
        settings = load_settings()
        tally = deliver(deliveries(folder, settings), settings, hub.rstrip("/"))
    else:
        with own_hub() as settings:
            tally = deliver(deliveries(folder, settings), settings, settings.address)
    print(tally.line())
    return 1 if tally.errors or tally.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
