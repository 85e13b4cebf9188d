"""Limits count whoever they are meant for."""

import pytest

from handoff_server.limits import BUCKETS, Cap, Limit, source_of
from handoff_server.refusal import Refusal


def test_other_keys_do_not_reset_a_count_and_memory_is_bounded() -> None:
    limit = Limit(3, 60)
    for _ in range(3):
        limit.take("me")
    for number in range(2 * BUCKETS):
        try:
            limit.take(f"other{number}")
        except Refusal:
            continue
    with pytest.raises(Refusal):
        limit.take("me")
    assert len(limit._tries) <= BUCKETS


def test_who_leaves_makes_room() -> None:
    cap = Cap(2)
    assert [cap.enter("a") for _ in range(3)] == [True, True, False]
    assert cap.enter("b")
    cap.leave("a")
    assert cap.enter("a")


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("a proxy's nonsense", "a proxy's nonsense"),
    ],
)
def test_a_household_counts_as_one(host: str, source: str) -> None:
    assert source_of({"client": (host, 5)}) == source
