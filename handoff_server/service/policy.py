"""What supervisors decide, in the story that is never rewritten."""

from handoff_server.service.agent import Agent
from handoff_server.transaction import Tx


def note_edited(tx: Tx, by: Agent) -> None:
    """Who edited `teams.yml` in the console; the version is that which is in force by now."""
    tx.record("policy.edited", by.actor, data={"version": tx.policy.version})
