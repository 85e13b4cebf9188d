"""What goes out to the messaging platforms: one at a time for each conversation, in the order of the log."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from handoff_server.attachment import Enclosed
from handoff_server.channels.channel import Channel, SendFailed
from handoff_server.dispatcher import Later
from handoff_server.job import Job
from handoff_server.service import sends
from handoff_server.service.attachments import Attachment
from handoff_server.service.sends import Outgoing
from handoff_server.service.turns import Begun
from handoff_server.store import Store

log = structlog.get_logger()
MAX_ATTEMPTS = 8
MAX_DELAY_S = 300
MAX_SIGNS = 16
MAX_REPEATS = 15


class Outbox:
    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        unclear_ms: int,
        enclosed: Callable[[Attachment], Enclosed],
    ) -> None:
        """`unclear_ms`: how long a platform may take to report a message that it perhaps got; `enclosed`: where a file
        lies."""
        self._enclosed = enclosed
        self._store = store
        self._channels = channels
        self._limits = {name: channel.limits for name, channel in channels.items()}
        self._unclear_ms = unclear_ms
        self.longest_doubt_s = unclear_ms / 1000
        self._signs: dict[str, asyncio.Task[None]] = {}  # turn → the sign that somebody thinks

    async def send(self, job: Job) -> None:
        message_id = job.payload["message_id"]
        asked = (job.id, message_id, self._enclosed, self._limits)
        outgoing: Outgoing | str | None = await self._store.run(sends.begin, *asked)
        if isinstance(outgoing, Outgoing):
            await self._post(job, outgoing)
        elif outgoing == "unclear":
            await self._store.run(sends.unclear, job.id, message_id, self._unclear_ms)

    async def give_up_unclear(self, job: Job) -> None:
        await self._store.run(sends.give_up_unclear, job.id, job.payload["message_id"], job.payload["posted_at"])

    async def show_typing(self, begun: Begun) -> None:
        """A sign that somebody is thinking, until `stop_typing`. Nothing waits for it and nothing depends on it."""
        channel = self._channels.get(begun.conversation.channel)
        # A platform that hangs must not fill up with signs the connections that messages need.
        if channel and begun.heard and begun.heard.external_id and len(self._signs) < MAX_SIGNS:
            to = begun.conversation.address or begun.conversation.external_id
            self._signs[begun.turn_id] = asyncio.create_task(_type(channel, to, begun.heard.external_id))

    async def stop_typing(self, begun: Begun) -> None:
        if sign := self._signs.pop(begun.turn_id, None):
            sign.cancel()

    async def _post(self, job: Job, outgoing: Outgoing) -> None:
        try:
            channel = self._channels.get(outgoing.channel)
            if channel is None or channel.account != outgoing.account:
                raise SendFailed("channel_off", "permanent")
            if not all(one.file.is_file() for one in outgoing.attachments):  # an old backup of the folder, perhaps
                raise SendFailed("media_missing", "permanent")
            external_id = await channel.send(outgoing)
        except SendFailed as failure:
            log.warning("send.failed", message=outgoing.message_id, why=failure.why, kind=failure.kind)
            await self._failed(job, failure)
        else:
            await self._store.run(sends.sent, job.id, outgoing.message_id, external_id)

    async def _failed(self, job: Job, failure: SendFailed) -> None:
        message_id = job.payload["message_id"]
        if failure.kind == "unclear":
            await self._store.run(sends.unclear, job.id, message_id, self._unclear_ms)
        elif failure.kind == "gone":
            await self._store.run(sends.give_up_contact, job.id, message_id, failure.why)
        elif failure.kind == "permanent" or job.attempts + 1 >= MAX_ATTEMPTS:
            await self._store.run(sends.give_up, job.id, message_id, failure.why)
        else:
            await self._store.run(sends.not_taken, message_id)
            wait = failure.retry_after or (job.attempts + 1) ** 2
            raise Later(min(wait, MAX_DELAY_S), failure.why)


async def _type(channel: Channel, to: str, external_id: str) -> None:
    """The sign fades by itself, on some platforms sooner than a thought takes."""
    for _ in range(MAX_REPEATS):
        await channel.show_typing(to, external_id)
        await asyncio.sleep(channel.typing_s)
