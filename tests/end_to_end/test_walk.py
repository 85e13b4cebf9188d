"""The main job, as people do it: bot, person, bot again, in the same conversation."""

import pytest
from conftest import NewPage, keep
from pages import PICTURE, Console, Shop
from playwright.sync_api import Locator, expect
from product import Product

ES = {
    "ask": "¿Dónde está mi pedido?",
    "order": "RX-4821",
    "email": "elena@example.com",
    "asks_number": "número de pedido",
    "asks_email": "con qué correo",
    "answer": "va en camino con Envíos del Sur",
    "disclosure": "asistente virtual (IA)",
    "receipt": "te paso con una persona",
    "online": "1 persona del equipo en línea",
    "hello": "Hola, soy Marta. Ya leí todo: tu mochila viene en camino.",
    "thanks": "gracias, pero la necesito antes",
    "picture": "[📷 Foto]",
    "look": "así llegó la que tengo",
    "note": "Le enviamos otra mochila por mensajería; llega el viernes.",
    "back": "Vuelves a hablar con el asistente virtual",
    "gibberish": "qwjk zzrp blxt",
    "agreed": "¿en qué quedamos?",
    "with_agent": "Hablas con Marta",
    "reason": "Pidió una persona",
}
EN = {
    "ask": "Where is my order?",
    "order": "QM-1907",
    "email": "james@example.com",
    "asks_number": "order number",
    "asks_email": "which e-mail address",
    "answer": "is on its way with Andes Express",
    "disclosure": "virtual assistant (AI)",
    "receipt": "passing you on to a person",
    "online": "1 person on our team is online",
    "hello": "Hi, this is Marta. I have read everything: your jacket is on its way.",
    "thanks": "thanks, but I need it sooner",
    "picture": "[📷 Photo]",
    "look": "this is the one I have",
    "note": "We are sending a second jacket by courier; it arrives on Friday.",
    "back": "You are talking to the virtual assistant",
    "gibberish": "qwjk zzrp blxt",
    "agreed": "what did we agree on?",
    "with_agent": "You are talking to Marta",
    "reason": "Asked for a person",
}


def somebody_is_there(product: Product, new_page: NewPage) -> None:
    """Else the customer would be promised an answer for later."""
    email = "jorge@demo.example"
    Console(new_page("es"), product.url, "es", email, product.accounts[email])


@pytest.mark.parametrize(("language", "said"), [("es", ES), ("en", EN)], ids=["es", "en"])
def test_a_conversation_goes_from_the_bot_to_a_person_and_back(
    product: Product, new_page: NewPage, language: str, said: dict[str, str]
) -> None:
    shop = Shop(new_page(language), product.url, language)
    expect(shop.speaker).to_contain_text("IA" if language == "es" else "AI")

    shop.say(said["ask"])
    shop.hears(said["disclosure"])
    shop.hears(said["asks_number"])
    shop.say(said["order"])
    shop.hears(said["asks_email"])
    shop.say(said["email"])
    shop.hears(said["answer"])
    keep(shop.page, f"widget-bot-{language}")

    email = "marta@demo.example"
    console = Console(new_page(language), product.url, language, email, product.accounts[email])
    shop.asks_for_a_person()
    shop.hears(said["receipt"])
    shop.hears(said["online"])

    console.opens_newest_in_queue(shop.says_case())
    for words in (said["ask"], said["order"], said["answer"]):
        console.sees(words)
    context = console.page.get_by_role("complementary").filter(has_text=console.words["context"]["summary"])
    for words in (said["order"], said["email"], said["reason"]):
        expect(context.get_by_text(words).first).to_be_visible()
    keep(console.page, f"console-queue-{language}")

    console.does("claim")
    console.replies(said["hello"])
    shop.hears(said["hello"])
    expect(shop.speaker).to_contain_text(said["with_agent"])
    shop.say(said["thanks"])
    console.sees(said["thanks"])
    keep(console.page, f"console-mine-{language}")
    shop.sends_picture(said["look"])
    for log in (shop.log, console.log):
        is_seen(log)
    place = console.page.url
    keep(shop.page, f"widget-agent-{language}")

    console.returns(said["note"])
    shop.hears(said["back"])
    shop.is_answered(said["gibberish"])
    shop.say(said["agreed"])
    shop.hears(said["note"])
    keep(shop.page, f"widget-returned-{language}")
    takes_everything_back(shop, console, place, said)


def is_seen(log: Locator) -> None:
    """The picture itself, and not the sign of a missing one."""
    expect(log.get_by_role("img", name=PICTURE["name"]).last).to_have_js_property("naturalWidth", 4, timeout=10_000)


def takes_everything_back(shop: Shop, console: Console, place: str, said: dict[str, str]) -> None:
    """The customer keeps a copy and deletes the conversation: nobody can read it any more, and another one begins."""
    address = shop.log.get_by_role("img", name=PICTURE["name"]).evaluate("(picture) => picture.src")
    copy = shop.keeps_transcript()
    for words in (said["ask"], said["hello"], said["look"], said["picture"], said["note"]):
        expect(copy.get_by_role("listitem").filter(has_text=words).first).to_be_visible(timeout=10_000)

    shop.erases()
    expect(shop.log.locator(".row")).to_have_count(0)
    copy.reload()
    console.page.goto(place)
    console.sees(console.words["events"]["conversation_erased"])
    pane = console.page.get_by_role("main")
    for words in (said["ask"], said["hello"], said["look"], said["note"], said["order"]):
        expect(copy.get_by_text(words)).to_have_count(0)
        expect(pane.get_by_text(words)).to_have_count(0)
    assert shop.page.request.get(address).status == 404

    shop.say(said["ask"])
    shop.hears(said["disclosure"])
    expect(shop.log.locator(".customer")).to_have_count(1)


def test_a_person_is_reached_and_answers_while_rasa_is_dead(product: Product, new_page: NewPage) -> None:
    """The bot's death is the customer's handoff, and the supervisor brings the bot back."""
    email = "jorge@demo.example"
    console = Console(new_page("es"), product.url, "es", email, product.accounts[email])
    shop = Shop(new_page("es"), product.url, "es")
    product.kill("rasa")
    shop.say("hola")
    shop.hears("Perdona, tuve un problema para responderte")
    console.opens_newest_in_queue(shop.says_case())
    console.does("claim")
    console.replies("Hola, soy Jorge, aquí estoy.")
    shop.hears("Hola, soy Jorge, aquí estoy.")
    product.wait_for_the_assistant()
    console.returns("Ya está todo en orden.")
    shop.hears("Vuelves a hablar con el asistente virtual")
    shop.say("¿a qué hora abren?")
    shop.hears("lunes a viernes")


def test_where_nothing_but_http_gets_through_the_chat_goes_on_by_polling(product: Product, new_page: NewPage) -> None:
    page = new_page("es")
    blocked = "constructor() { setTimeout(() => this.onerror(new Event('error'))) } close() {}"
    page.add_init_script(f"window.WebSocket = class {{ {blocked} }}")
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if "transport=polling" in request.url else None)
    somebody_is_there(product, new_page)
    shop = Shop(page, product.url, "es")
    shop.say("¿a qué hora abren?")
    shop.hears("lunes a viernes")
    shop.asks_for_a_person()
    shop.hears("te paso con una persona")
    assert polls


def test_what_was_typed_survives_a_killed_hub(product: Product, new_page: NewPage) -> None:
    """Written while nobody listens, sent in order once, and answered."""
    somebody_is_there(product, new_page)
    shop = Shop(new_page("es"), product.url, "es")
    shop.asks_for_a_person()
    shop.hears("te paso con una persona")
    product.kill("hub")
    shop.say("primero")
    shop.say("segundo")
    expect(shop.log.locator(".waiting")).to_have_count(0, timeout=30_000)
    shop.page.reload()
    shop.page.get_by_role("button", name="chat").click()
    texts = shop.log.locator(".customer .bubble").all_inner_texts()
    assert [text.split(":")[-1].strip() for text in texts[-2:]] == ["primero", "segundo"]
    assert sum("primero" in text for text in texts) == 1


ASKED = {
    "es": ("¿Dónde está mi pedido?", "número de pedido", "quiero hablar con una persona, por favor", "te paso con una"),
    "en": (
        "Where is my order?",
        "order number",
        "I would like to talk to a person please",
        "passing you on to a person",
    ),
}


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_person_asked_for_in_words_comes_through_the_assistant_with_the_evidence(
    product: Product, new_page: NewPage, language: str
) -> None:
    """In the middle of a form, through rules, policy, action and the hub's own door."""
    ask, answer, wish, receipt = ASKED[language]
    email = "jorge@demo.example"
    console = Console(new_page(language), product.url, language, email, product.accounts[email])
    shop = Shop(new_page(language), product.url, language)
    shop.say(ask)
    shop.hears(answer)
    shop.say(wish)
    shop.hears(receipt)
    console.opens_newest_in_queue(shop.says_case())
    context = console.page.get_by_role("complementary").filter(has_text=console.words["context"]["summary"])
    for words in ("explicit_request", wish, console.words["reasons"]["customer_request"]):
        expect(context.get_by_text(words).first).to_be_visible()
    expect(context.get_by_text(console.words["context"]["nothing_collected"])).to_be_visible()


def test_three_failures_in_a_row_bring_a_person(product: Product, new_page: NewPage) -> None:
    """At the second one a person is offered."""
    email = "jorge@demo.example"
    console = Console(new_page("es"), product.url, "es", email, product.accounts[email])
    shop = Shop(new_page("es"), product.url, "es")
    shop.is_answered("qwjk zzrp blxt")
    shop.say("mmvv kkrt wwpl")
    shop.hears("¿Prefieres que lo vea una persona del equipo?")
    shop.say("xxcc ttgh jjkl")
    shop.hears("no te estoy ayudando como mereces")
    console.opens_newest_in_queue(shop.says_case())
    context = console.page.get_by_role("complementary").filter(has_text=console.words["context"]["summary"])
    expect(context.get_by_text(console.words["reasons"]["repeated_failure"]).first).to_be_visible()
    expect(context.get_by_text("repeated_failure").first).to_be_visible()


def test_a_question_stays_in_view_when_its_buttons_take_the_room_below(product: Product, new_page: NewPage) -> None:
    page = new_page("es")
    page.set_viewport_size({"width": 400, "height": 640})
    shop = Shop(page, product.url, "es")
    shop.is_answered("¿hasta qué hora abren?")
    shop.is_answered("¿qué formas de pago hay en Chile?")
    shop.is_answered("hola")
    expect(page.locator("handoff-chat .replies button").first).to_be_visible()
    expect(shop.log.get_by_text("¿En qué te puedo ayudar?").last).to_be_in_viewport(ratio=1)


def test_what_was_typed_in_two_tabs_survives_a_killed_hub_and_is_one_conversation(
    product: Product, new_page: NewPage
) -> None:
    """Both tabs are loaded before the chat is first opened: that is when each could make a session of its own."""
    somebody_is_there(product, new_page)
    page = new_page("es")
    twin = page.context.new_page()
    twin.goto(f"{product.url}/demo/")
    one = Shop(page, product.url, "es")
    one.asks_for_a_person()
    one.hears("te paso con una persona")
    other = Shop(twin, product.url, "es", loaded=True)
    other.hears("te paso con una persona")
    product.kill("hub")
    one.say("uno")
    other.say("dos")
    product.wait_for_the_hub()
    page.reload()
    again = Shop(page, product.url, "es", loaded=True)
    for tab in (again, other):
        expect(tab.log.locator(".waiting")).to_have_count(0, timeout=30_000)
        texts = [text.split(":")[-1].strip() for text in tab.log.locator(".customer .bubble").all_inner_texts()]
        assert texts[-2:] == ["uno", "dos"] and len(texts) == 3
