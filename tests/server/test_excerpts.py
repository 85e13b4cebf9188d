"""The piece of a text that a search shows."""

from hypothesis import given
from hypothesis import strategies as st

from handoff_server.words import EXCERPT, excerpt, words


@given(text=st.text(max_size=600), wanted=st.text(max_size=20))
def test_an_excerpt_is_short_and_one_line_whatever_it_is_of(text: str, wanted: str) -> None:
    told = excerpt(text, words(wanted))
    assert len(told) <= EXCERPT
    assert "\n" not in told


def test_an_excerpt_shows_the_word_wherever_it_stands() -> None:
    before, after = "Buenos días, le escribo por lo siguiente. " * 8, "Muchas gracias por su ayuda. " * 8
    told = excerpt(f"{before}El CÓDIGO no sirve. {after}", words("codigo"))
    assert "El CÓDIGO no sirve." in told
    assert told.startswith("…") and told.endswith("…")
    assert excerpt(f"{before}código", words("cod")).endswith("código")
    assert excerpt(f"CÓDIGO. {after}", words("cod")).startswith("CÓDIGO.")


def test_a_short_text_is_its_own_excerpt() -> None:
    assert excerpt("¿Y  mi\npedido?", ["zapatos"]) == "¿Y mi pedido?"
