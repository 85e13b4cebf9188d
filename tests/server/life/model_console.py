"""A console as docs/protocol.md describes it, without the socket: it applies frames, misses some, and catches up."""

import json
from typing import Any

import sqlalchemy as sa

from handoff_server import change
from handoff_server.service.agent import Agent

KINDS = {"conversations": "id", "messages": "id", "events": "seq", "agents": "id"}


class ModelConsole:
    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.connected = False
        self.deaf = 0  # frames that will be lost on the way
        self.seq = 0
        self.records: dict[str, dict[Any, Any]] = {kind: {} for kind in KINDS}

    def hear(self, frame: change.Change) -> None:
        if not self.connected or frame["seq"] <= frame["after"]:  # such frames are not sent
            return
        if self.deaf:
            self.deaf -= 1
        elif frame["after"] == self.seq:
            self._apply(frame)

    def sync(self, engine: sa.Engine, at: int) -> None:
        with engine.connect() as connection:
            missed = change.since(connection, self.seq, at)
            self._apply(missed or change.snapshot(connection, self.agent.id, at))

    def differences(self, engine: sa.Engine, at: int) -> list[str]:
        """How this console differs from one that starts now. One that has missed something does not count."""
        with engine.connect() as connection:
            fresh = change.snapshot(connection, self.agent.id, at)
        if not self.connected or self.seq != fresh["seq"]:
            return []
        found = []
        for kind, key in KINDS.items():
            for one in _plain(fresh)[kind]:
                held = self.records[kind].get(one[key])
                if held != one:
                    found.append(f"{kind} {one[key]}: holds {held}, fresh is {one}")
        return found

    def _apply(self, frame: change.Change) -> None:
        if frame.get("reset"):
            self.records = {kind: {} for kind in KINDS}
        self.seq = frame["seq"]
        for kind, key in KINDS.items():
            self.records[kind].update({one[key]: one for one in _plain(frame)[kind]})


def _plain(frame: change.Change) -> change.Change:
    """As it arrives: through the wire's format."""
    arrived: change.Change = json.loads(json.dumps(frame))
    return arrived
