"""Files that customers sent on a platform are brought here: after their message, which waits for none of it."""

from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, cast

import sqlalchemy as sa
import structlog

from handoff_server import tables as t
from handoff_server.channels.channel import Channel, FetchFailed
from handoff_server.dispatcher import Later
from handoff_server.job import Job
from handoff_server.media import Kept, MediaFolder
from handoff_server.refusal import Refusal
from handoff_server.service import attachments
from handoff_server.store import Store

log = structlog.get_logger()
MOST = 20_000_000  # bytes
MAX_ATTEMPTS = 6
MAX_DELAY_S = 300
_REFUSED = ("too_large", "media_type")


class Fetching:
    def __init__(self, store: Store, channels: Mapping[str, Channel], media: MediaFolder) -> None:
        self._store = store
        self._channels = channels
        self._media = media

    async def fetch(self, job: Job) -> None:
        """Brings one file. Done twice, it is there once."""
        attachment_id = job.payload["attachment_id"]
        wanted = await self._store.read(_wanted, attachment_id)
        try:
            if wanted is None:
                raise FetchFailed("not_wanted", "permanent")
            kept = await self._bring(*wanted)
        except FetchFailed as failure:
            log.warning("fetch.failed", attachment=attachment_id, why=failure.why, kind=failure.kind)
            if failure.kind == "temporary" and job.attempts + 1 < MAX_ATTEMPTS:
                raise Later(min((job.attempts + 1) ** 3, MAX_DELAY_S), failure.why) from None
            state = "refused" if failure.kind == "refused" else "failed"
            await self._store.run(attachments.not_fetched, job.id, attachment_id, state)
        else:
            await self._store.run(attachments.fetched, job.id, attachment_id, kept)

    async def _bring(self, name: str, channel_name: str, account: str, source: Mapping[str, Any]) -> Kept:
        channel = self._channels.get(channel_name)
        if channel is None or channel.account != account:
            raise FetchFailed("channel_off", "permanent")
        try:
            async with aclosing(cast(Any, channel.fetch(source, MOST))) as parts:
                return await self._media.keep(parts, MOST, name)
        except Refusal as refusal:
            raise FetchFailed(refusal.code, "refused" if refusal.code in _REFUSED else "temporary") from None


def _wanted(connection: sa.Connection, attachment_id: str) -> tuple[str, str, str, Any] | None:
    """Name, channel, account and source of a file that is not here yet."""
    a, c = t.attachments.c, t.conversations.c
    asked = sa.select(a.name, c.channel, c.account, a.source).join(t.conversations, c.id == a.conversation_id)
    row = connection.execute(asked.where(a.id == attachment_id, a.digest.is_(None))).first()
    return (row.name, row.channel, row.account, row.source) if row and row.source else None
