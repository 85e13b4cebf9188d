"""A case from the customer's side: its key, how it stands, how it went, and what was said, to keep."""

import re

import httpx
from conftest import NewPage
from pages import Console
from phone import Phone
from product import Product


def test_a_customer_judges_a_resolved_case_and_keeps_what_was_said(
    product: Product, phone: Phone, new_page: NewPage
) -> None:
    email = "marta@demo.example"
    console = Console(new_page("es"), product.url, "es", email, product.accounts[email])
    phone.say("quiero hablar con una persona del equipo")
    phone.hears("Tu número de caso es")
    key = phone.says_case()
    console.opens_newest_in_queue(key)
    console.does("claim")
    console.replies("Con gusto, ya lo dejé listo.")
    phone.hears("ya lo dejé listo")
    console.resolves()

    asked = "¿Cómo calificas la atención que te dio nuestro equipo?"
    assert len(phone.is_asked(asked)) == 5
    phone.chooses(asked, "4 · Buena")
    phone.is_asked("¿qué tan probable es que nos recomiendes")
    phone.say("nueve")
    phone.is_asked("¿Quieres contarnos algo más?")
    phone.say("Marta fue muy amable")
    phone.hears("Muchas gracias, nos ayuda a mejorar")

    phone.say(f"¿en qué va mi caso {key}?")
    phone.hears(f"cerró tu caso {key} como resuelto")
    phone.say("mándame la transcripción")
    phone.hears("/transcript/")
    link = re.findall(r"/transcript/[\w-]+", "\n".join(phone.shows()))[-1]
    page = httpx.get(f"{product.url}{link}")
    assert page.status_code == 200 and key in page.text and "Marta fue muy amable" in page.text
