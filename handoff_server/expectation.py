"""How long somebody who waits will wait, as far as that can be known. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

LATELY_MS = 2 * 60 * 60 * 1000
ENOUGH = 5  # with fewer steps of the queue nothing is known
_MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60)


def expected_wait_ms(assigned_at: Sequence[int], place: int) -> int | None:
    """From when the team took somebody from the queue lately: the median pause between two, for each one ahead."""
    steps = [later - earlier for earlier, later in pairwise(sorted(assigned_at))]
    return int(median(steps) * place) if len(steps) >= ENOUGH else None


def told_minutes(wait_ms: int) -> int | None:
    """As people say it, rather too long than too short; None: over an hour."""
    return next((minutes for minutes in _MINUTES if wait_ms <= minutes * 60_000), None)
