"""Who asks, as the session says."""

from dataclasses import dataclass

from handoff_server.conversations import Actor


@dataclass(frozen=True)
class Agent:
    """One of our people."""

    id: str
    name: str
    role: str
    console: str | None = None  # the socket that asks; none: not from a console

    @property
    def actor(self) -> Actor:
        return Actor("agent", self.id, self.name)
