"""What people read: texts in both languages, summaries of at most 80 words, masked cards, queue order."""

import re
from string import Formatter
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handoff_server.masking import mask_all, mask_cards
from handoff_server.routing import Waiting, places, queue_order
from handoff_server.service.turns import MAX_TEXT, typed
from handoff_server.settings import ROOT
from handoff_server.summary import MAX_WORDS, NOT_A_NEED, Line, summarise
from handoff_server.texts import LANGUAGES, plural, say, texts


def shape(value: Any) -> Any:
    """Keys and placeholders of a text file."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return sorted({name for _, name, _, _ in Formatter().parse(value) if name})


def test_a_summary_has_words_for_all_that_the_assistant_understands_collects_and_achieves() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    actions = [path.read_text(encoding="utf-8") for path in (ROOT / "actions").rglob("*.py")]
    achieved = {name for text in actions for name in re.findall(r'(?:Outcome|NotPossible)\("([a-z_]+)"', text)}
    carried = re.search(r"VISIBLE_SLOTS = \((.*?)\)", (ROOT / "components" / "hub_channel.py").read_text(), re.DOTALL)
    assert carried and len(achieved) > 15
    for language in LANGUAGES:
        words = texts(language)
        assert set(domain["intents"]) - NOT_A_NEED - {"nlu_fallback"} <= words["intents"].keys()
        assert set(re.findall(r'"(\w+)"', carried[1])) <= words["slots"].keys()
        assert achieved <= words["outcomes"].keys()


def test_a_summary_tells_what_holds_and_leaves_out_what_does_not() -> None:
    collected = {"order_number": "RX-4821", "vip": True, "verified_order": False}
    told = summarise(texts("es"), [Line("hola", "order_status")], collected, "customer_request")
    assert "pedido RX-4821, cliente VIP." in told and "verificado" not in told


def test_both_languages_say_the_same_things_with_the_same_placeholders() -> None:
    ours, theirs = shape(texts("es")), shape(texts("en"))
    for own in ("agents", "when"):  # a number may be a word in one of them, and each has its way of telling times
        ours[own] = theirs[own] = None
    assert ours == theirs


def test_the_truth_about_the_wait_reads_well() -> None:
    assert "hay 1 persona del equipo en línea" in say("es", "wait_next", agents=plural("es", "agents", 1), position=1)
    assert "3 people on our team are online" in say("en", "wait_position", agents=plural("en", "agents", 3), position=2)


@given(
    st.lists(st.builds(Line, st.text(), st.none() | st.sampled_from(["order_status", "greet", "billing"]))),
    st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=30),
    st.sampled_from(["customer_request", "bot_failure", "unheard_of"]),
    st.sampled_from(LANGUAGES),
)
def test_a_summary_is_short_and_always_tells_the_reason(
    lines: list[Line], collected: dict[str, str], reason: str, language: str
) -> None:
    summary = summarise(texts(language), lines, collected, reason)
    assert len(summary.split()) <= MAX_WORDS
    assert texts(language)["reasons"].get(reason, reason) in summary


def test_a_summary_tells_need_words_data_and_what_was_done() -> None:
    lines = [
        Line("hola", "greet"),
        Line("mi pedido no llega", "order_status"),
        Line("quiero una persona", "human_handoff"),
    ]
    summary = summarise(texts("es"), lines, {"order_number": "RX-4821"}, "customer_request", "found")
    assert summary == (
        "Quiere: saber el estado de un pedido. Dijo: «mi pedido no llega». Datos: pedido RX-4821. "
        "El asistente: dio el estado del pedido. Motivo: pidió una persona."
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mi tarjeta 4111 1111 1111 1111 no pasa", "mi tarjeta 411111******1111 no pasa"),
        ("5500-0000-0000-0004 cvv 123", "550000******0004 cvv ***"),
        ("código de seguridad: 4321", "código de seguridad: ***"),
        ("pedido 4111111111111112", "pedido 4111111111111112"),
        ("llámame al 5511987654321", "llámame al 5511987654321"),
        ("RX-4821", "RX-4821"),
    ],
)
def test_cards_are_masked_and_nothing_else(said: str, kept: str) -> None:
    assert mask_cards(said) == kept


def _luhn_ok(digits: str) -> bool:
    return sum(sum(divmod(int(one) * (1 + place % 2), 10)) for place, one in enumerate(reversed(digits))) % 10 == 0


@st.composite
def cards(draw: st.DrawFn) -> str:
    """A card number as people write it: any length, any grouping, digits of several scripts, words around it."""
    body = draw(st.text("0123456789", min_size=12, max_size=18))
    digits = body + next(last for last in "0123456789" if _luhn_ok(body + last))
    zero = draw(st.sampled_from("0\u0660\uff10"))
    shown = "".join(chr(ord(zero) + int(one)) for one in digits)
    size, between = (
        draw(st.integers(3, 19)),
        draw(st.sampled_from(["", " ", "-", ".", "\n", "\u00a0", "\u200b", " - ", "%20", "+", "    "])),
    )
    grouped = between.join(shown[start : start + size] for start in range(0, len(shown), size))
    before = draw(st.sampled_from(["", "tarjeta ", "visa:", "order-", "https://x.example/?c=", "7 compras con ", "+"]))
    return before + grouped + draw(st.sampled_from(["", ".", " 12/27", " vence 08/2029 y ya", "&y=1"]))


@given(cards())
def test_no_card_survives_however_it_is_written(said: str) -> None:
    kept = "".join(str(int(one)) if one.isdecimal() else one for one in mask_cards(said))
    assert "***" in kept
    runs = [run for run in re.findall(r"\d+", kept) if 13 <= len(run) <= 19]
    assert not any(_luhn_ok(run) for run in runs)


def test_cards_are_masked_anywhere_in_a_json_value() -> None:
    card = "4111 1111 1111 1111"
    value = {"slots": [{"a": card, card: "x"}], "n": 3, "ok": True, "none": None, "at": 1795466400000}
    assert card not in str(mask_all(value))
    assert mask_all(value)["at"] == 1795466400000


@pytest.mark.parametrize(
    "said",
    [
        "+52 1 55 1234 5678",
        "3001234567 3009876543",
        "pedido 1042, y mi duda es otra",
        "no me pide cvv, pedido 1042",
        "guía 12345678901234567890123",
        "del 2026-11-24 al 2026-12-01",
    ],
)
def test_phones_orders_and_days_stay_readable(said: str) -> None:
    assert mask_cards(said) == said


@given(st.text())
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask_cards(mask_cards(text)) == mask_cards(text)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), unique_by=lambda one: one[1]))
def test_everybody_in_the_queue_has_a_place_of_their_own(entries: list[tuple[int, int]]) -> None:
    waiting = [Waiting(f"h{number}", f"c{number}", at) for at, number in entries]
    assert sorted(places(waiting).values()) == list(range(1, len(waiting) + 1))
    times = [one.requested_at for one in queue_order(waiting)]
    assert times == sorted(times)


def test_ten_thousand_characters_or_none_are_a_turn_that_the_assistant_takes() -> None:
    assert len(typed("a" * 10_000)) == MAX_TEXT
    assert typed("") == typed(" / ") == "…"
