"""What a product is, costs, and how many there are; and how to care for it, where customers often ask."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.door import shop
from actions.backoffice.money import written
from actions.backoffice.shop import Product
from actions.backoffice.words import stems
from actions.buttons import buttons
from actions.country import country_of
from actions.faq import tell_known_answer
from actions.form import Form
from actions.reading import Message
from actions.skill import Outcome, Skill
from actions.wording import country_name, listed

FEW = 5  # pieces, of which the customer should know how many are left
WORDS = {
    "es": {
        "price": "Precio",
        "sizes": "Tallas",
        "gone": "{} por ahora no",
        "in_stock": "Hay existencias",
        "few": "Quedan {}",
        "sold_out": "Agotado por ahora",
        "colours": "Colores",
        "warranty": "Garantía",
        "months": "meses",
    },
    "en": {
        "price": "Price",
        "sizes": "Sizes",
        "gone": "{} not for now",
        "in_stock": "In stock",
        "few": "{} left",
        "sold_out": "Sold out for now",
        "colours": "Colours",
        "warranty": "Warranty",
        "months": "months",
    },
}


class ProductInfoForm(Form):
    topic = "product_info"


class ActionProductInfo(Skill):
    """A question in between, too: inside another form, which goes on asking afterwards, it opens no form of its own."""

    topic = "product_info"
    keeps = ("product",)

    async def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        if await tell_known_answer(dispatcher, tracker):
            return Outcome("answered", solved=True)
        language = tracker.get_slot("language")
        found = await _find(tracker, language)
        if not found:
            return self._not_found(dispatcher, tracker)
        if len(found) > 1:
            names = "\n".join(f"• {one.name}" for one in found)
            choices = buttons("product_info", "product", {one.sku: one.name for one in found})
            dispatcher.utter_message(response="utter_product_info_which", names=names, buttons=choices)
            return Outcome("several")
        told = about(found[0], language, await country_of(tracker))
        dispatcher.utter_message(response="utter_product_info_found", about=told)
        return Outcome("told", solved=True)

    @staticmethod
    def _not_found(dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        named = tracker.get_slot("product")
        if named is None and not tracker.active_loop_name:
            return Outcome(None, events=[FollowupAction("product_info_form")])
        dispatcher.utter_message(response="utter_product_info_unknown")
        return Outcome("not_found")


async def _find(tracker: Tracker, language: str) -> list[Product]:
    """What the message names, else what was named before, else what its words describe."""
    typed = Message.of(tracker.latest_message).typed
    said = await asyncio.to_thread(shop().products, typed, language) if typed else []
    words = set(stems(typed))
    if named := [one for one in said if words & set(stems(one.name))]:
        return named
    before = tracker.get_slot("product")
    return (await asyncio.to_thread(shop().products, str(before), language) if before else []) or said


def about(product: Product, language: str, country: str | None) -> str:
    """A few lines; the price in that country, or in all of them."""
    words = WORDS[language]
    lines = [f"{product.name}. {product.detail}.", f"{words['price']}: {_prices(product, language, country)}"]
    lines.append(_stock(product, words, language))
    if product.colours:
        lines.append(f"{words['colours']}: {listed(product.colours, language)}")
    if product.warranty_months:
        lines.append(f"{words['warranty']}: {product.warranty_months} {words['months']}")
    return "\n".join(lines)


def _prices(product: Product, language: str, country: str | None) -> str:
    if country in product.prices:
        return written(product.prices[country], language)
    return ", ".join(
        f"{country_name(one, language)} {written(price, language)}" for one, price in product.prices.items()
    )


def _stock(product: Product, words: dict[str, str], language: str) -> str:
    if product.stock == 0:
        return words["sold_out"]
    if not product.sizes:
        return words["in_stock"] if product.stock > FEW else words["few"].format(product.stock)
    there = [size for size, count in product.sizes.items() if count]
    gone = [size for size, count in product.sizes.items() if not count]
    without = f" ({words['gone'].format(listed(gone, language))})" if gone else ""
    return f"{words['sizes']}: {listed(there, language)}{without}"
