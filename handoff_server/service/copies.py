"""Where a customer's words are written down besides their message: evidence, summaries, collected data, reports of
turns, surveys. When one message is taken back, what these have of it goes too.

What stays: what people and the bot have written themselves, and that something was decided, when, and by which rule.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import Conversation
from handoff_server.message import Message
from handoff_server.service import handoffs
from handoff_server.service.desk import OF_ORDER
from handoff_server.transaction import Tx

Told = dict[str, Any]
_SIGNS = re.compile(r"[\W_]+")
_FILE = re.compile(r"^\[[^\]\n]*\] ")
_WITH_WORDS = ("handoff.requested", "survey.answered")  # events of these names hold words of customers


@dataclass(frozen=True)
class Gone:
    """What nobody may read any more: the words of a message, and the values that only it has told, bare."""

    words: str
    values: frozenset[str]

    def told(self, value: Any) -> bool:
        """Also if it was typed otherwise than it is kept: rx4821, RX-4821."""
        return (_bare(value) if isinstance(value, str) else str(value)) in self.values

    def evidence(self, told: Told) -> Told:
        """Without the words that met a rule, if this message is among them, as whole lines: a "no" is in many."""
        said = bool(self.words) and _as_lines(self.words) in _as_lines(told.get("text") or "")
        return {**told, "text": None} if said else told

    def data(self, told: Mapping[str, Any]) -> Told:
        """Without what was collected from it."""
        left = {name: value for name, value in told.items() if not self.told(value)}
        proof_is_gone = "verified_order" in told and "verified_order" not in left
        return {name: value for name, value in left.items() if not (proof_is_gone and name in OF_ORDER)}

    def decided(self, told: Told | None) -> Told | None:
        return {**told, "evidence": self.evidence(told["evidence"])} if told and told.get("evidence") else told

    def report(self, told: Told) -> Told:
        entities = [one for one in told["entities"] if not self.told(one["value"])]
        slots, decision = self.data(told["slots"]), self.decided(told["decision"])
        return {**told, "entities": entities, "slots": slots, "decision": decision}

    def comment(self, told: Told) -> Told:
        return {name: None if name == "comment" and value == self.words else value for name, value in told.items()}


def blank(tx: Tx, message: Message) -> list[int]:
    """Takes what `message`, as it was, has told out of everything else. The events whose data have changed."""
    conversation = tx.conversation(message.conversation_id)
    gone = Gone(message.text, _told_only_by(tx, message))
    if gone.values:
        tx.save(replace(conversation, carried=gone.data(conversation.carried)))
    _handoffs(tx, conversation, message, gone)
    _callbacks(tx, message, gone)
    _turns(tx, message, gone)
    if message.turn_id is not None and message.stretch is not None:  # else the assistant never heard it
        _tracker(tx, conversation, message.stretch)
    _surveys(tx, message, gone)
    return _events(tx, conversation, message, gone)


def _told_only_by(tx: Tx, message: Message) -> frozenset[str]:
    """What was understood of it as data, unless another message that is still there says the same."""
    found = {_bare(str(one["value"])) for one in (message.understanding or {}).get("entities") or []} - {""}
    if not found:
        return frozenset()
    m = t.messages.c
    others = tx.messages(
        m.conversation_id == message.conversation_id, m.direction == "incoming", m.deleted_at.is_(None)
    )
    said = [_bare(one.text) for one in others if one.id != message.id]
    return frozenset(value for value in found if not any(value in text for text in said))


def _bare(text: str) -> str:
    """Customers write a number as they like; what is understood of it has one form."""
    return _SIGNS.sub("", text.casefold())


def _as_lines(text: str) -> str:
    """The messages of one turn are its lines; before them may stand what came with the first one."""
    return f"\n{_FILE.sub('', text)}\n"


def _handoffs(tx: Tx, conversation: Conversation, message: Message, gone: Gone) -> None:
    h = t.handoffs.c
    for handoff_id in tx.connection.scalars(sa.select(h.id).where(h.conversation_id == conversation.id)).all():
        handoff = tx.handoff(handoff_id)
        if handoff.ended_at is not None and handoff.ended_at < message.created_at:
            continue
        evidence = gone.evidence(handoff.evidence) if handoff.requested_at >= message.created_at else handoff.evidence
        if handoff.evidence.get("message_id") == message.id or (handoff.turn_id and handoff.turn_id == message.turn_id):
            evidence = {**evidence, "text": None}
        changed = replace(handoff, evidence=evidence, collected=gone.data(handoff.collected))
        changed = replace(changed, summary=handoffs.summary_without(tx, conversation, changed, message))
        if changed != handoff:
            tx.save_handoff(changed)
        tx.connection.execute(t.trackers.delete().where(t.trackers.c.handoff_id == handoff.id))


def _surveys(tx: Tx, message: Message, gone: Gone) -> None:
    """Those that could be answered when it came."""
    s = t.surveys.c
    open_then = s.asked_at.between(message.created_at - tx.policy.survey.open_ms, message.created_at)
    mine = (s.conversation_id == message.conversation_id, s.comment == gone.words, open_then)
    tx.connection.execute(t.surveys.update().where(*mine).values(comment=None))


def _callbacks(tx: Tx, message: Message, gone: Gone) -> None:
    """Promises made since then, or whose contact has been corrected since then by a turn."""
    b, u = t.callbacks.c, t.turns.c
    of_turn = sa.select(u.posted_at).where(u.id == b.turn_id).scalar_subquery()
    since = sa.func.coalesce(of_turn, b.created_at) >= message.created_at
    promised = sa.select(t.callbacks).where(b.conversation_id == message.conversation_id, since)
    for row in tx.connection.execute(promised).all():
        asked = row.asked
        if asked:
            asked = {**(gone.decided(asked) or asked), "collected": gone.data(asked["collected"])}
        contact = None if gone.told(row.contact) or row.contact == gone.words else row.contact
        if (asked, contact) != (row.asked, row.contact):
            tx.connection.execute(t.callbacks.update().where(b.id == row.id).values(asked=asked, contact=contact))


def _turns(tx: Tx, message: Message, gone: Gone) -> None:
    """Reports since then: each one tells what was known at its time."""
    u = t.turns.c
    later = sa.select(u.id, u.report).where(u.conversation_id == message.conversation_id, u.report.is_not(None))
    for row in tx.connection.execute(later.where(u.posted_at >= message.created_at)).all():
        if not row.report:  # an older version wrote JSON's null for a turn that failed
            continue
        report = gone.report(row.report)
        if row.id == message.turn_id:
            report = without_words(report)
        if report != row.report:
            tx.connection.execute(t.turns.update().where(u.id == row.id).values(report=report))
    if message.turn_id:
        _siblings(tx, message, gone)


def _siblings(tx: Tx, message: Message, gone: Gone) -> None:
    """Messages of one turn were understood together."""
    m = t.messages.c
    for one in tx.messages(m.turn_id == message.turn_id, m.direction == "incoming", m.deleted_at.is_(None)):
        understood = one.understanding or {}
        left = [entity for entity in understood.get("entities") or [] if not gone.told(entity["value"])]
        if left != (understood.get("entities") or []):
            tx.update_messages([one.id], understanding={**understood, "entities": left})


def without_words(report: Told) -> Told:
    """A turn's report without what it quotes."""
    decision = report["decision"]
    if decision and decision.get("evidence"):
        decision = {**decision, "evidence": {**decision["evidence"], "text": None}}
    return {**report, "entities": [], "decision": decision}


def untold(report: Told, known: Mapping[str, Any]) -> Told:
    """The report of a turn whose message is gone already: of the slots, only what was `known` before it."""
    slots = {name: value for name, value in report["slots"].items() if (name, value) in known.items()}
    return {**without_words(report), "slots": slots}


def _tracker(tx: Tx, conversation: Conversation, stretch: int) -> None:
    """The assistant's memory of that stretch goes when it is over."""
    payload = {"conversation_id": conversation.id, "stretch": stretch}
    tx.add_job("forget", f"forget:{conversation.id}", payload)


def _events(tx: Tx, conversation: Conversation, message: Message, gone: Gone) -> list[int]:
    e = t.events.c
    told = sa.select(e.seq, e.data, e.handoff_id).where(e.conversation_id == conversation.id, e.name.in_(_WITH_WORDS))
    rewritten = []
    for row in tx.connection.execute(told.where(e.at >= message.created_at)).all():
        data = gone.comment(gone.decided(row.data) or {})
        if "before" in data:
            data["before"] = gone.comment(data["before"])
        if row.handoff_id and data.get("evidence"):
            data["evidence"] = {**data["evidence"], "text": tx.handoff(row.handoff_id).evidence.get("text")}
        if data != row.data:
            tx.connection.execute(t.events.update().where(e.seq == row.seq).values(data=data))
            tx.touched.events.append(row.seq)
            rewritten.append(row.seq)
    return rewritten
