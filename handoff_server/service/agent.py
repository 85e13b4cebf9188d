"""Who asks, as the session says."""

from dataclasses import dataclass

from handoff_server.conversations import Actor


@dataclass(frozen=True)
class Agent:
    """One of our people."""

    id: str
    name: str
    role: str

    @property
    def actor(self) -> Actor:
        return Actor("agent", self.id, self.name)
