"""The main job on a messaging app: the same bot, the same agents, the same way back."""

from conftest import NewPage, keep
from pages import Console
from phone import Phone
from product import Product


def test_a_whatsapp_conversation_goes_from_the_bot_to_a_person_and_back(
    product: Product, phone: Phone, new_page: NewPage
) -> None:
    email = "marta@demo.example"
    console = Console(new_page("es"), product.url, "es", email, product.accounts[email])
    phone.say("hola")
    phone.say("¿dónde está mi pedido?")  # at once: one need, one turn
    phone.hears("asistente virtual (IA)")
    phone.hears("número de pedido")
    phone.say("RX-4821")
    phone.hears("con qué correo")
    phone.say("elena@example.com")
    phone.hears("va en camino con Envíos del Sur")

    phone.say("necesito hablar con una persona")
    phone.hears("te paso con una persona")
    console.opens_newest_in_queue(phone.says_case())
    for words in ("¿dónde está mi pedido?", "va en camino con Envíos del Sur", "necesito hablar con una persona"):
        console.sees(words)
    console.does("claim")
    console.replies("Hola, soy Marta. Ya leí todo.")
    phone.hears("Hola, soy Marta. Ya leí todo.")
    keep(console.page, "console-whatsapp")

    console.returns("Le enviamos otra mochila; llega el viernes.")
    phone.hears("Vuelves a hablar con el asistente virtual")
    phone.say("¿en qué quedamos?")
    phone.hears("llega el viernes")
    assert len(phone.shows()) == len(set(phone.shows())), "nothing was said twice"


def test_a_killed_hub_neither_loses_nor_doubles_what_a_phone_says_and_hears(
    product: Product, phone: Phone, new_page: NewPage
) -> None:
    before = len(phone.shows())
    product.kill("hub")
    phone.say("¿a qué hora abren?")  # the platform delivers until the hub is there again
    phone.hears("lunes a viernes", seconds=60)
    assert sum("lunes a viernes" in one for one in phone.shows()[before:]) == 1
