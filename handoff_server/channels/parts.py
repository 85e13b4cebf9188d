"""Messages that leave in several posts: what was taken is not posted again when a later part has to be tried again."""

from collections.abc import Awaitable, Callable, Sequence

MOST = 1_000


class Parts:
    """Remembers, for messages under way, which of their posts were taken. After a restart such a message is unclear,
    and nobody posts it again by himself."""

    def __init__(self) -> None:
        self._taken: dict[int, list[str]] = {}

    async def send(self, message_id: int, posts: Sequence[Callable[[], Awaitable[str]]]) -> str:
        """Makes the posts that are still to be made, in order; the platform's id of the last one."""
        taken = self._taken.setdefault(message_id, [])
        if len(self._taken) > MOST:
            del self._taken[next(iter(self._taken))]
        for post in posts[len(taken) :]:
            taken.append(await post())
        self._taken.pop(message_id, None)
        return taken[-1]
