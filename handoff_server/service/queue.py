"""The wait: what is due about a handoff, and what the customer hears meanwhile."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from handoff_server import promises
from handoff_server import tables as t
from handoff_server.conversations import OPEN_STATUSES, SYSTEM, Handoff
from handoff_server.service import offers
from handoff_server.service.leaving import go_home
from handoff_server.service.news import tell_news
from handoff_server.service.wrap_up import wrap_up_if_due
from handoff_server.teams import Policy
from handoff_server.transaction import Tx

_h = t.handoffs.c


def due(connection: sa.Connection, at: int, _policy: Policy) -> Sequence[str]:
    """Handoffs about which something is due, the oldest first."""
    return connection.scalars(sa.select(_h.id).where(_h.look_at <= at).order_by(_h.look_at).limit(100)).all()


def look(tx: Tx, handoff_id: str) -> None:
    """Whatever is due about it by now. What is told is kept in the row, so that nothing is told twice."""
    handoff = tx.handoff(handoff_id)
    if handoff.look_at is None or handoff.look_at > tx.at:
        return
    if handoff.status == "resolved":
        wrap_up_if_due(tx, handoff_id)
        return
    _tell_promises(tx, handoff)
    if handoff.status == "queued":
        _look_at_offer(tx, tx.handoff(handoff_id))
        _look_at_hours(tx, tx.handoff(handoff_id))
        _look_at_news(tx, tx.handoff(handoff_id))


def open_ones(connection: sa.Connection) -> Sequence[str]:
    return connection.scalars(sa.select(_h.id).where(_h.status.in_(OPEN_STATUSES)).order_by(_h.id)).all()


def renew(tx: Tx, handoff_ids: Sequence[str]) -> None:
    """Another policy is in force: what is due is other than it was."""
    for handoff in map(tx.handoff, handoff_ids):
        now = promises.settled(handoff, tx.policy)
        if now != handoff:
            tx.save_handoff(now)
            tx.record("handoff.renewed", SYSTEM, conversation=tx.conversation(handoff.conversation_id))
    offers.offer_next(tx)


def _tell_promises(tx: Tx, handoff: Handoff) -> None:
    told, states = promises.to_tell(handoff, tx.policy, tx.at)
    tx.save_handoff(told)
    for state, promise in states:
        about = {"promise": promise.name, "due_at": promise.at}
        tx.record(f"handoff.{state}", SYSTEM, conversation=tx.conversation(handoff.conversation_id), data=about)


def _look_at_offer(tx: Tx, handoff: Handoff) -> None:
    over = promises.round_at(handoff, tx.policy)
    if over is None or over > tx.at:
        return
    if handoff.offered_to:
        offers.miss(tx, handoff)
        offers.offer_next(tx)
    if tx.handoff(handoff.id).offered_to is None:  # everybody who is free has let it pass
        offers.begin_round(tx, tx.handoff(handoff.id))
        offers.offer_next(tx)


def _look_at_hours(tx: Tx, handoff: Handoff) -> None:
    closes_at = promises.closes_at(handoff, tx.policy)
    if closes_at is not None and closes_at <= tx.at:
        go_home(tx, handoff)


def _look_at_news(tx: Tx, handoff: Handoff) -> None:
    news_at = promises.news_at(handoff, tx.policy)
    if handoff.status == "queued" and news_at is not None and news_at <= tx.at:
        tx.save_handoff(replace(handoff, news_at=tx.at))
        tell_news(tx, tx.conversation(handoff.conversation_id), handoff)
