"""Nobody is there: the truth about when somebody will be, and a call back that is promised, told and taken back."""

from collections.abc import Iterator

import pytest
from phone import Phone
from product import Product


@pytest.fixture
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    """A customer of a shop whose people have gone home."""
    product = Product(tmp_path_factory.mktemp("closed"), closed=True)
    yield product.phone
    product.stop()


def test_a_call_back_is_promised_asked_after_and_taken_back(caller: Phone) -> None:
    caller.say("hola")
    caller.hears("asistente virtual (IA)")
    caller.say("necesito que alguien del equipo me ayude, quiero hablar con un asesor")
    caller.hears("En este momento nuestro equipo no está")
    assert caller.is_asked("¿Quieres que una persona te contacte?") == ["Aquí mismo", "No, gracias"]
    caller.say("al 300 123 4567 por favor")
    caller.is_asked("Te contactaremos en 300 123 4567")
    caller.chooses("Te contactaremos en 300 123 4567", "Sí, es correcto")
    caller.hears("Tu número de caso es")

    caller.say("¿en qué va mi caso?")
    caller.hears("quedó anotado")
    caller.say("ya no hace falta que me llamen")
    caller.hears("nadie te va a contactar")
