"""Files of messages: rows of them, from the upload or the platform's word until a message has them for good.

What consoles see of a file is kept in its message; the row knows where the bytes are.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.attachment import Card, Place, Remote
from handoff_server.conversations import SYSTEM
from handoff_server.file_type import plain_name, safe_name
from handoff_server.job import Job
from handoff_server.masking import mask_cards
from handoff_server.media import Kept
from handoff_server.message import Message
from handoff_server.refusal import Refusal
from handoff_server.service.wording import storable
from handoff_server.teams import Policy
from handoff_server.transaction import Tx, new_id

MOST_AT_ONCE = 10
MOST_UNSENT = 50  # of one conversation
DAY_MS = 24 * 3_600_000
UNSENT_MS = DAY_MS
MAX_PHONES = 10
# What a platform calls a file stays, where that says more than its content: a voice message is audio, too.
_SAYS_MORE = {"voice": "audio", "sticker": "image"}
_MIME = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,58}")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A row. `digest` names the file; none: it is not here yet, or never will be."""

    id: str
    conversation_id: str
    message_id: int | None = None
    uploaded_by: str | None = None
    state: str = "stored"
    source: dict[str, Any] | None = None
    kind: Any
    name: str
    mime: str
    size: int = 0
    digest: str | None = None
    created_at: int

    def shown(self) -> dict[str, Any]:
        """As consoles get it."""
        return {name: getattr(self, name) for name in ("id", "kind", "name", "mime", "size", "state")}


@dataclass(frozen=True)
class Daily:
    """How many files customers may upload within 24 hours."""

    of_conversation: int
    of_address: int


def require_room(connection: sa.Connection, conversation_id: str, daily: Daily, at: int) -> None:
    """Refusal `daily_limit` when the customer, or all together at the customer's address, have uploaded enough."""
    a, w = t.attachments.c, t.widget_sessions.c
    theirs = sa.select(w.source).where(w.conversation_id == conversation_id, w.source.is_not(None))
    together = sa.select(w.conversation_id).where(w.source.in_(theirs))
    for conversations, most in (([conversation_id], daily.of_conversation), (together, daily.of_address)):
        lately = (a.conversation_id.in_(conversations), a.uploaded_by.is_(None), a.created_at > at - DAY_MS)
        first, count = connection.execute(sa.select(sa.func.min(a.created_at), sa.func.count()).where(*lately)).one()
        if count >= most:
            wait = (first + DAY_MS - at) // 1000 + 1
            raise Refusal("daily_limit", f"{most} files are all for one day", limit=most, retry_after=wait)


def keep_of_customer(tx: Tx, conversation_id: str, kept: Kept, name: str, daily: Daily) -> Attachment:
    require_room(tx.connection, conversation_id, daily, tx.at)
    return keep(tx, conversation_id, None, kept, name)


def keep(tx: Tx, conversation_id: str, agent_id: str | None, kept: Kept, name: str) -> Attachment:
    """A file that an agent, or (None) the customer, has uploaded and may now send."""
    conversation = tx.conversation(conversation_id)
    a = t.attachments.c
    waiting = sa.select(sa.func.count()).where(a.conversation_id == conversation.id, a.message_id.is_(None))
    if (tx.connection.scalar(waiting) or 0) >= MOST_UNSENT:
        raise Refusal("rate_limited", f"{MOST_UNSENT} files wait here and are not sent; send some", retry_after=60)
    row = Attachment(
        id=new_id("f"),
        conversation_id=conversation.id,
        uploaded_by=agent_id,
        kind=kept.type.kind,
        name=_named(name, kept),
        mime=kept.type.mime,
        size=kept.size,
        digest=kept.digest,
        created_at=tx.at,
    )
    tx.connection.execute(t.attachments.insert().values(**asdict(row)))
    return row


def named_by(tx: Tx, conversation_id: str, agent_id: str | None, ids: Sequence[str]) -> list[Attachment]:
    """Files by the ids that their own uploader gives, sent or not, in that order."""
    if len(ids) > MOST_AT_ONCE:
        raise Refusal("too_large", f"a message has at most {MOST_AT_ONCE} files, not {len(ids)}", limit=MOST_AT_ONCE)
    if not ids:
        return []
    found = tx.connection.execute(sa.select(t.attachments).where(t.attachments.c.id.in_(ids))).mappings()
    rows = {row["id"]: Attachment(**row) for row in found}
    mine = [rows.get(one) for one in ids]
    theirs = (conversation_id, agent_id)
    known = [one for one in mine if one and (one.conversation_id, one.uploaded_by) == theirs and one.digest]
    if len(known) < len(ids):
        raise Refusal("unknown_attachment", "a file that is named was not uploaded here; upload it again")
    return known


def enclose(tx: Tx, message: Message, rows: Sequence[Attachment]) -> None:
    """From now on the files are this message's, whose `attachments` show them."""
    if any(row.message_id is not None for row in rows):
        raise Refusal("invalid_request", "a file that is named was sent before; upload it once more to send it again")
    if rows:
        mine = t.attachments.c.id.in_([row.id for row in rows])
        tx.connection.execute(t.attachments.update().where(mine).values(message_id=message.id))


def told(brought: Iterable[Remote | Place | Card]) -> list[dict[str, Any]]:
    """What a platform says a message brought, as consoles get it; files are still to be fetched (`expect`)."""
    return [_told(one) for one in list(brought)[:MOST_AT_ONCE]]


def expect(tx: Tx, message: Message, brought: Iterable[Remote | Place | Card]) -> None:
    """Rows and jobs for the files of a message, in the commit that brings it."""
    for one, shown in zip(brought, message.attachments, strict=False):
        if not isinstance(one, Remote):
            continue
        row = {name: shown[name] for name in ("id", "kind", "name", "mime", "size", "state")}
        row |= {"conversation_id": message.conversation_id, "message_id": message.id, "created_at": tx.at}
        tx.connection.execute(t.attachments.insert().values(**row, source=dict(one.source)))
        tx.add_job("fetch", f"fetch:{shown['id']}", {"attachment_id": shown["id"], "message_id": message.id})


def fetched(tx: Tx, job_id: int, attachment_id: str, kept: Kept) -> None:
    row = _fetching(tx, job_id, attachment_id)
    if row is None:
        return
    kind = row.kind if row.kind == "document" or _SAYS_MORE.get(row.kind) == kept.type.kind else kept.type.kind
    row = replace(row, state="stored", kind=kind, name=_named(row.name, kept))
    _save(tx, replace(row, mime=kept.type.mime, size=kept.size, digest=kept.digest))


def not_fetched(tx: Tx, job_id: int, attachment_id: str, state: str) -> None:
    """`refused`: it is too large or nothing that we take; `failed`: it did not come."""
    if row := _fetching(tx, job_id, attachment_id):
        _save(tx, replace(row, state=state))


def abandon(tx: Tx, job: Job) -> None:
    """The job is a dead letter; retried, it may still bring the file."""
    row = one(tx.connection, job.payload["attachment_id"])
    if row and row.state == "fetching":
        _save(tx, replace(row, state="failed"))


def _fetching(tx: Tx, job_id: int, attachment_id: str) -> Attachment | None:
    tx.finish_job(job_id)
    row = one(tx.connection, attachment_id)
    return row if row and row.state in ("fetching", "failed") else None


def _save(tx: Tx, row: Attachment) -> None:
    tx.connection.execute(t.attachments.update().where(t.attachments.c.id == row.id).values(**asdict(row)))
    message = tx.message_with_id(row.message_id) if row.message_id else None
    if message is None:
        return
    shown = [row.shown() if one.get("id") == row.id else one for one in message.attachments]
    tx.update_messages([message.id], attachments=shown)
    conversation = tx.conversation(row.conversation_id)
    tx.record("message.updated", SYSTEM, conversation=conversation, message_id=message.id)


def of_message(connection: sa.Connection, message_id: int) -> list[Attachment]:
    rows = connection.execute(sa.select(t.attachments).where(t.attachments.c.message_id == message_id))
    return [Attachment(**row) for row in rows.mappings()]


def one(connection: sa.Connection, attachment_id: str) -> Attachment | None:
    row = connection.execute(sa.select(t.attachments).where(t.attachments.c.id == attachment_id)).mappings().first()
    return Attachment(**row) if row else None


def in_use(connection: sa.Connection, digests: list[str]) -> set[str]:
    a = t.attachments.c
    return set(connection.scalars(sa.select(a.digest).where(a.digest.in_(digests)).distinct()))


def unsent(connection: sa.Connection, at: int, _policy: Policy) -> Sequence[str]:
    """Uploaded a day ago, and still nobody has sent it."""
    a = t.attachments.c
    old = sa.select(a.id).where(a.message_id.is_(None), a.created_at < at - UNSENT_MS)
    return connection.scalars(old.limit(100)).all()


def forget(tx: Tx, attachment_id: str) -> None:
    """The row goes; the file is swept when no other row names it."""
    a = t.attachments.c
    tx.connection.execute(t.attachments.delete().where(a.id == attachment_id, a.message_id.is_(None)))


def _named(name: str, kept: Kept) -> str:
    return safe_name(mask_cards(storable(name)), kept.type)


def _told(brought: Remote | Place | Card) -> dict[str, Any]:
    if isinstance(brought, Place):
        where = {"latitude": brought.latitude, "longitude": brought.longitude}
        return {"kind": "location", "name": _line(brought.name or "") or None, **where}
    if isinstance(brought, Card):
        phones = [_line(phone)[:40] for phone in brought.phones[:MAX_PHONES]]
        return {"kind": "contact", "name": _line(brought.name), "phones": phones}
    mime = brought.mime.partition(";")[0].strip()
    told = {
        "kind": brought.kind,
        "name": mask_cards(plain_name(storable(brought.name))),
        "mime": mime if _MIME.fullmatch(mime) else "",
    }
    return {"id": new_id("f"), **told, "size": 0, "state": "fetching"}


def _line(text: str) -> str:
    return mask_cards(" ".join(storable(text).split())[:200])
