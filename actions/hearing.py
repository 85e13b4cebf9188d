"""While a form asks: is a message its answer, a correction, something else that is meant, or nothing usable? Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.contact import contact_in
from actions.near_miss import near_miss
from actions.reading import READERS, SURE, Message

NOT_UNDERSTOOD = ("nlu_fallback", "out_of_scope", None)
PAIR = ("order_number", "email")  # said at any moment, in whatever order
ORDER_SKILLS = (
    "order_status",
    "cancel_order",
    "change_address",
    "refund",
    "return_exchange",
    "billing_invoice",
    "payment_issue",
)
_CORRECTS = re.compile(
    r"^\W*no\b|\b(perd[oó]n|disculpa|mejor|prefiero|me equivoqu|correg|correcci|quise decir|"
    r"sorry|i meant|actually|mistake|wrong)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heard:
    """`values` by slot; without any, `aside` tells whether something else is meant or the answer is no good."""

    values: dict[str, Any] = field(default_factory=dict)
    aside: bool = False


def hear(message: Message, topic: str, asked: str, slots: Sequence[str], known: Mapping[str, Any]) -> Heard:
    """What a message means to the form of `topic`, which has `slots` and asks for `asked`."""
    if known.get("offer") == "declined":
        return Heard(aside=True)  # the no to a person is no answer to the form
    values = _values(message, asked, slots, known)
    if values:
        return Heard(aside=True) if _another_wish(message, topic, values) else Heard(values)
    if not message.is_talk and near_miss(asked, message.typed):
        return Heard()  # meant as the answer, whatever a classifier makes of it
    return Heard(aside=message.intent not in (topic, *NOT_UNDERSTOOD) or not message.typed)


def _values(message: Message, asked: str, slots: Sequence[str], known: Mapping[str, Any]) -> dict[str, Any]:
    corrected = [slot for slot in slots if known.get(slot) is not None] if _CORRECTS.search(message.typed) else []
    said = {}
    for slot in slots:
        if slot == asked or slot in PAIR or slot in corrected:
            value = contact_in(message) if slot == "callback_contact" else READERS[slot](message)
            if value is not None:
                said[slot] = value
    others = {slot: value for slot, value in said.items() if slot != "confirmed"}
    if others and others != {"order_number": known.get("verified_order")}:
        return others  # a yes or no beside it is about something that has just become different
    return said


def _another_wish(message: Message, topic: str, values: Mapping[str, Any]) -> bool:
    """ "Mejor cancela el RX-4822", said to a form that asks where it should be delivered."""
    if message.intent not in ORDER_SKILLS or message.intent == topic or message.confidence < SURE:
        return False
    rest = len(message.typed.split()) - len(values)
    return set(values) <= set(PAIR) and rest >= 3
