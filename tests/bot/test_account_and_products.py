"""Getting into the account, and questions about products, through the real assistant and the demo shop."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

import pytest
from conftest import Assistant, texts

from actions.backoffice.money import Money
from actions.backoffice.shop import Product
from actions.product_info import about


def test_a_lost_password_gets_a_link_whoever_asks(
    assistant: Assistant, sender: str, environment: dict[str, str]
) -> None:
    asked = assistant.say(sender, "olvidé mi contraseña")
    assert "¿Con qué correo entras a tu cuenta?" in texts(asked)
    told = assistant.say(sender, "lucia@example.com")
    assert "Si lucia@example.com tiene una cuenta" in texts(told)
    stranger = assistant.say(f"x{sender}", "I forgot my password, stranger@example.com", "en")
    assert "If stranger@example.com has an account" in texts(stranger)
    with sqlite3.connect(environment["SHOP_DATABASE_URL"].removeprefix("sqlite:///")) as shop:
        sent = {email for (email,) in shop.execute("select email from password_resets")}
    assert "lucia@example.com" in sent and "stranger@example.com" not in sent


def test_an_email_that_is_none_is_asked_for_again(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "my account is locked", "en")
    assert "doesn't look like an e-mail" in texts(assistant.say(sender, "lucia at example", "en"))


def test_new_data_of_the_account_are_changed_inside_it(assistant: Assistant, sender: str) -> None:
    assert "Datos personales" in texts(assistant.say(sender, "quiero cambiar el correo de mi cuenta"))
    assert "Personal details" in texts(assistant.say(f"x{sender}", "I need to change my account phone number", "en"))


def test_a_product_is_told_with_price_sizes_and_warranty(assistant: Assistant, sender: str) -> None:
    told = texts(assistant.say(sender, "¿cuánto cuesta la chaqueta Cumbre?"))
    assert "$ 329.900 COP" in told and "Tallas: S, M y L (XL por ahora no)" in told and "Garantía: 12 meses" in told


def test_the_price_is_that_of_a_country_that_was_named(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "¿cuánto tarda el envío a Lima?")
    told = texts(assistant.say(sender, "¿qué precio tiene la linterna frontal Faro?"))
    assert "S/ 109.90" in told and "COP" not in told


def test_several_that_fit_are_offered_as_buttons(assistant: Assistant, sender: str) -> None:
    asked = assistant.say(sender, "do you have tents?", "en")
    titles = {button["title"] for button in asked["messages"][0]["buttons"]}
    assert titles == {"Refugio tent for two", "Familia tent for fou"}
    chosen = asked["messages"][0]["buttons"][0]["payload"]
    assert "tent for" in texts(assistant.say(sender, chosen, "en"))


def test_a_question_without_a_product_asks_which(assistant: Assistant, sender: str) -> None:
    asked = assistant.say(sender, "quiero saber el precio de un producto")
    assert "¿De qué producto se trata?" in texts(asked)
    assert "Termo Mate" in texts(assistant.say(sender, "el termo para mate"))
    assert "Termo Mate" in texts(assistant.say(sender, "¿y en qué colores viene el producto?")), "it is known now"


def test_a_product_that_is_not_sold_is_not_made_up(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "¿tienen stock de un producto?")
    assert "No encuentro eso entre nuestros productos" in texts(assistant.say(sender, "una bicicleta"))


def test_care_of_a_product_is_answered_from_the_frequent_questions(assistant: Assistant, sender: str) -> None:
    assert "agua fría" in texts(assistant.say(sender, "¿puedo lavar la chaqueta en lavadora?"))


def test_a_product_is_told_inside_another_skill_s_form(assistant: Assistant, sender: str) -> None:
    assistant.say(sender, "quiero cancelar mi pedido")
    aside = assistant.say(sender, "¿tienen la mochila Sendero en negro?")
    assert "Colores: azul, verde y negro" in texts(aside) and aside["report"]["form"] == "cancel_order_form"


PRICES = {"CO": Money(Decimal("100"), "COP"), "PE": Money(Decimal("9.90"), "PEN")}


@pytest.mark.parametrize(
    ("stock", "sizes", "line"),
    [
        (0, {}, "Agotado por ahora"),
        (3, {}, "Quedan 3"),
        (30, {}, "Hay existencias"),
        (3, {"S": 3, "M": 0, "L": 0}, "Tallas: S (M y L por ahora no)"),
        (0, {"S": 0}, "Agotado por ahora"),
    ],
)
def test_what_is_left_is_told_plainly(stock: int, sizes: dict[str, int], line: str) -> None:
    product = Product("A", "Gorra", "De lana", PRICES, stock, sizes, (), 0)
    assert about(product, "es", "PE").splitlines() == ["Gorra. De lana.", "Precio: S/ 9.90", line]
    assert "Precio: Colombia $ 100 COP, Perú S/ 9.90" in about(product, "es", None)
