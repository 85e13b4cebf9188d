"""What was said in a conversation, as the customer saw it."""

from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service.wording import named

MOST_LINES = 1_000  # the newest


def transcript(connection: sa.Connection, conversation_id: str, until: int) -> dict[str, Any]:
    """Language, the key of the last case, and the lines up to then. Without notes, and without what was never sent."""
    m, k = t.messages.c, t.cases.c
    language = connection.scalar(sa.select(t.conversations.c.language).where(t.conversations.c.id == conversation_id))
    if language is None:
        raise Refusal("unknown_transcript", "this conversation is no longer kept")
    kept = m.deleted_at.is_(None)
    seen = (kept, m.private.is_(False), m.delivery.not_in(("suppressed", "failed")), m.created_at <= until)
    lines = sa.select(m.author, m.author_name, m.text, m.attachments, m.created_at).where(
        m.conversation_id == conversation_id, *seen
    )
    newest = connection.execute(lines.order_by(m.id.desc()).limit(MOST_LINES)).all()
    key = sa.select(k.tracking_key).where(k.conversation_id == conversation_id, k.opened_at <= until)
    return {
        "language": language,
        "key": connection.scalar(key.order_by(k.opened_at.desc()).limit(1)),
        "lines": [_line(language, row._asdict()) for row in reversed(newest)],
    }


def _line(language: str, line: dict[str, Any]) -> dict[str, Any]:
    """Files are not in it; that they were there is said under the words."""
    files = [f"[{named(language, one)}]" for one in line.pop("attachments")]
    return line | {"text": "\n".join(part for part in (line["text"], *files) if part)}
