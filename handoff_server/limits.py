"""How often somebody may try something. In memory and bounded, whoever comes with however many keys."""

import ipaddress
import secrets
import time
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

from handoff_server.refusal import Refusal

BUCKETS = 65_536


class Limit:
    """At most `times` within `seconds` for each key.

    Keys share a fixed number of buckets, by a hash that nobody outside can know: memory is bounded, and nobody resets
    his own count by coming with many other keys. Two keys in one bucket are rare, and share a limit.
    """

    def __init__(self, times: int, seconds: float) -> None:
        self._times = times
        self._seconds = seconds
        self._salt = secrets.token_bytes(8)
        self._tries: dict[int, deque[float]] = {}
        self._tidied_at = time.monotonic()

    def take(self, key: str) -> None:
        """Counts one try; Refusal `rate_limited` with the seconds to wait when there were too many."""
        now = time.monotonic()
        self._tidy(now)
        tries = self._tries.setdefault(self._bucket(key), deque())
        while tries and now - tries[0] > self._seconds:
            tries.popleft()
        if len(tries) >= self._times:
            wait = int(self._seconds - (now - tries[0])) + 1
            raise Refusal("rate_limited", f"too many tries; wait {wait} s", retry_after=wait)
        tries.append(now)

    def allows(self, key: str) -> bool:
        """As `take`, for what is simply left out when it comes too often."""
        try:
            self.take(key)
        except Refusal:
            return False
        return True

    def forget(self, key: str) -> None:
        self._tries.pop(self._bucket(key), None)

    def _tidy(self, now: float) -> None:
        """Drops what is over, every so often."""
        if now < self._tidied_at + self._seconds:
            return
        self._tidied_at = now
        over = [bucket for bucket, tries in self._tries.items() if now - tries[-1] > self._seconds]
        for bucket in over:
            del self._tries[bucket]

    def _bucket(self, key: str) -> int:
        return hash((self._salt, key)) % BUCKETS


class Cap:
    """At most `most` at the same time for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def enter(self, key: str) -> bool:
        """Whether there was room; who came in must `leave`."""
        if self._open[key] >= self._most:
            return False
        self._open[key] += 1
        return True

    def leave(self, key: str) -> None:
        self._open[key] -= 1
        if self._open[key] <= 0:
            del self._open[key]


def source_of(scope: Mapping[str, Any]) -> str:
    """Who counts as one: an IPv4 address, or an IPv6 network of the size that one household gets (/64)."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
