"""How a customer can be reached. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from actions.reading import Message, email_in, yes_or_no

HERE, KNOWN = "here", "known"  # in this conversation; the contact that was proposed
_HERE = re.compile(
    r"\b(aqu[ií]|ac[aá]|por este (medio|chat)|en este chat|este n[uú]mero|here|this chat|right here)\b", re.I
)
_PHONE = re.compile(r"(?<![\w@.-])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?![\w@])")


def contact_in(message: Message) -> str | None:
    """An e-mail address, a telephone number, `here`, or `known` for the one that was proposed."""
    if message.entities.get("choice") in (HERE, KNOWN):
        return str(message.entities["choice"])
    if found := email_in(message.typed) or phone_in(message.typed):
        return found
    if _HERE.search(message.typed) and "?" not in message.typed:
        return HERE
    return KNOWN if yes_or_no(message) is True else None


def phone_in(text: str) -> str | None:
    """`+57 300 123 4567` as it was written; 7 to 15 digits."""
    found = _PHONE.search(text or "")
    return " ".join(found[0].split()) if found else None


def known_contact(events: Iterable[dict[str, Any]], email: str | None) -> str | None:
    """What the customer named last in this stretch, else the e-mail that is known."""
    said = [event.get("text") or "" for event in events if event.get("event") == "user"]
    named = (email_in(text) or phone_in(text) for text in reversed(said) if not text.startswith("/"))
    return next((one for one in named if one), None) or email


def masked(contact: str) -> str:
    """Enough to recognise one's own: `el***@example.com`, `*** 4567`."""
    name, at, domain = contact.partition("@")
    return f"{name[:2]}***@{domain}" if at else f"*** {re.sub(r'[^0-9]', '', contact)[-4:]}"
