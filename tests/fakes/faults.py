"""What goes wrong between a platform and the hub, both ways; the same for every platform."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

Body = dict[str, Any]


@dataclass(frozen=True)
class Mishap:
    """What goes wrong with one send: first it takes `seconds`; then, unless `code` refuses the message, it is `taken`
    or not; then the answer is given (a `status` of its own says that it failed), `broken` off, or never comes
    (`hangs`)."""

    seconds: float = 0
    code: int | None = None
    status: int | None = None  # instead of the code's usual one
    retry_after: int | None = None
    taken: bool = True
    broken: bool = False
    hangs: bool = False
    fails_later: int | None = None  # taken, then told to have failed, with this code
    news_after: float = 0  # seconds until the platform tells what became of it


LOST_ACKNOWLEDGEMENT = Mishap(broken=True)
SILENT = Mishap(taken=False, hangs=True)


@dataclass(frozen=True)
class Travel:
    """How news reach the hub: the first of the `copies` after `delay` seconds, each later one after a further `gap`;
    and each up to `spread` seconds later than that, so that they come in any order."""

    copies: int = 1
    delay: float = 0
    gap: float = 0.05
    spread: float = 0

    def later(self, seconds: float) -> Self:
        return replace(self, delay=self.delay + seconds)


@dataclass
class Faults:
    """Each as long as it is set. `mishap` decides about every send, `travel` about every kind of news. `down`: whoever
    calls is answered 503. `aged`: what customers write now, they wrote so many seconds ago."""

    mishap: Callable[[Body], Mishap | None] = lambda _send: None
    travel: Callable[[str], Travel] = lambda _kind: Travel()
    down: bool = False
    aged: float = 0
