"""How often somebody may try something. In memory, bounded: the oldest keys are forgotten first."""

import time
from collections import OrderedDict, deque

from handoff_server.refusal import Refusal

MAX_KEYS = 10_000


class Limit:
    """At most `times` within `seconds` for each key."""

    def __init__(self, times: int, seconds: float) -> None:
        self._times = times
        self._seconds = seconds
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Counts one try; Refusal `rate_limited` with the seconds to wait when there were too many."""
        now = time.monotonic()
        tries = self._tries.setdefault(key, deque())
        self._tries.move_to_end(key)
        while tries and now - tries[0] > self._seconds:
            tries.popleft()
        if len(tries) >= self._times:
            wait = int(self._seconds - (now - tries[0])) + 1
            raise Refusal("rate_limited", f"too many tries; wait {wait} s", retry_after=wait)
        tries.append(now)
        while len(self._tries) > MAX_KEYS:
            self._tries.popitem(last=False)

    def forget(self, key: str) -> None:
        self._tries.pop(key, None)
