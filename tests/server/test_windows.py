"""Until when a platform lets us answer, and what its screen can show of it."""

from hypothesis import given
from hypothesis import strategies as st

from handoff_server.rendering import Limits, form_of, lines, number_in, numbered, split, utf16
from handoff_server.windows import DAY_MS, HOUR_MS, RULES, hurries, way, window

HEARD = 1_790_000_000_000
times = st.integers(HEARD, HEARD + 8 * DAY_MS)
titles = st.lists(st.text("abcdef 0123456789", min_size=1, max_size=30), min_size=1, max_size=10, unique=True)


@given(st.sampled_from([*RULES, "telegram", "web"]), st.sampled_from(("bot", "system", "agent")), times)
def test_within_a_day_everybody_may_answer_and_later_only_as_the_platform_allows(ch: str, who: str, at: int) -> None:
    how = way(window(ch, HEARD), who, False, at)
    if ch in ("telegram", "web") or at < HEARD + DAY_MS:
        assert how == "free"
    elif ch in ("messenger", "instagram") and who == "agent" and at < HEARD + 7 * DAY_MS:
        assert how == "human_agent"
    else:
        assert how is None
    assert (way(window(ch, HEARD), who, True, at) == "template") == (ch in ("whatsapp", "telegram", "web"))
    assert way(window(ch, HEARD, gone_at=HEARD), who, False, at) is None, "who has gone is not written to"


@given(times)
def test_the_last_hour_hurries(at: int) -> None:
    left = HEARD + DAY_MS - at
    assert hurries(window("whatsapp", HEARD), at) == (0 <= left <= HOUR_MS)
    assert not hurries(window("telegram", HEARD), at)


@given(st.text(max_size=400), st.integers(4, 60))
def test_parts_fit_and_lose_no_word(text: str, most: int) -> None:
    parts = split(text, most, utf16)
    assert all(utf16(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(titles)
def test_every_numbered_choice_has_a_number_of_its_own_that_is_understood(shown: list[str]) -> None:
    buttons = numbered([{"id": str(place), "title": title} for place, title in enumerate(shown)])
    assert len({one["number"] for one in buttons}) == len(buttons)
    assert form_of("¿Cuál?", buttons, Limits(text=100)) == "lines"
    assert len(lines("¿Cuál?", buttons).split("\n")) == len(buttons) + 1
    for one in numbered([{"id": "a", "title": "Uno"}, {"id": "b", "title": "Dos"}]):
        assert number_in(f"opción {one['number']}") == number_in(f"{one['number']})") == one["number"]
