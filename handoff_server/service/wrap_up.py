"""After a handoff is resolved: what became of it, in its agent's words, in a time set aside for that."""

from dataclasses import replace
from typing import Any

from handoff_server.conversations import SUPERVISORS, SYSTEM, Actor, Handoff
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.handoffs import touch_agent
from handoff_server.service.offers import offer_next
from handoff_server.service.wording import written
from handoff_server.transaction import Tx

# Of the handover: in time; too soon, the assistant had not tried yet; too late; or a person was not needed.
VERDICTS = ("right", "early", "late", "needless")


def wrap_up(
    tx: Tx, agent: Agent, handoff_id: str, disposition: str | None = None, note: str | None = None, **judged: Any
) -> Handoff:
    """Completes what was resolved, and ends the time set aside for that. Later it may still be corrected."""
    handoff = tx.handoff(handoff_id)
    if handoff.status != "resolved":
        raise Refusal("invalid_request", f"handoff {handoff_id} is {handoff.status}; only a resolved one is wrapped up")
    if handoff.assignee_id != agent.id and agent.role not in SUPERVISORS:
        raise Refusal("forbidden", "only the agent who resolved it, or a supervisor, may complete a handoff")
    if disposition is not None:
        require_offered(tx, disposition)
    noted = written(note, "note") if note else handoff.note
    completed = replace(handoff, disposition=disposition or handoff.disposition, note=noted)
    completed = replace(judged_by(completed, **judged), wrapped_at=handoff.wrapped_at or tx.at, look_at=None)
    tx.save_handoff(completed)
    tell_wrapped(tx, agent.actor, completed)
    return completed


def judge(tx: Tx, agent: Agent, handoff_id: str, verdict: str, asked_again: bool | None = None) -> None:
    """Whether the handover came right, at any time. The last word counts; said again, nothing happens."""
    handoff = tx.handoff(handoff_id)
    if handoff.assignee_id != agent.id and agent.role not in SUPERVISORS:
        raise Refusal("forbidden", "only the agent who has or had it, or a supervisor, may judge a handoff")
    judged = judged_by(handoff, verdict, asked_again)
    if judged == handoff:
        return
    tx.save_handoff(judged)
    said = {"verdict": judged.verdict, "asked_again": judged.asked_again}
    conversation = tx.conversation(handoff.conversation_id)
    tx.record(
        "handoff.judged", agent.actor, conversation=conversation, handoff=handoff, case_id=handoff.case_id, data=said
    )


def wrap_up_if_due(tx: Tx, handoff_id: str) -> None:
    """The time set aside is over."""
    handoff = tx.handoff(handoff_id)
    if handoff.status != "resolved" or handoff.wrapped_at is not None or (handoff.look_at or 0) > tx.at:
        return
    over = replace(handoff, wrapped_at=handoff.look_at or tx.at, look_at=None)
    tx.save_handoff(over)
    tell_wrapped(tx, SYSTEM, over)


def tell_wrapped(tx: Tx, actor: Actor, handoff: Handoff) -> None:
    said = {name: getattr(handoff, name) for name in ("disposition", "verdict", "asked_again", "wrapped_at")}
    conversation = tx.conversation(handoff.conversation_id)
    tx.record("handoff.wrapped", actor, conversation=conversation, handoff=handoff, case_id=handoff.case_id, data=said)
    touch_agent(tx, handoff.assignee_id)
    offer_next(tx)


def judged_by(handoff: Handoff, verdict: str | None = None, asked_again: bool | None = None) -> Handoff:
    """What is not said leaves what was said before."""
    if verdict not in (None, *VERDICTS):
        raise Refusal("invalid_request", f"verdict must be one of {', '.join(VERDICTS)}, not {verdict[:20]!r}")
    again = handoff.asked_again if asked_again is None else asked_again
    return replace(handoff, verdict=verdict or handoff.verdict, asked_again=again)


def require_offered(tx: Tx, disposition: str) -> None:
    if tx.policy.disposition(disposition) is None:
        offered = ", ".join(one.id for one in tx.policy.dispositions)
        raise Refusal("invalid_request", f"disposition {disposition[:40]!r} is not offered; take one of {offered}")
