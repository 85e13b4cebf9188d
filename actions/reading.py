"""What a customer's message says, as a slot's value. Pure; None when it says nothing of the kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from actions.tax_id import called_tax_id_in, tax_id_in

# Two letters and four digits also make "en 2024": between small words and digits a space is no order number.
_ORDER_NUMBER = re.compile(
    r"(?<![\w@.])(?!(?:de|en|el|la|un|es|al|mi|no|se|su|lo|ya|me|te|le|si|ni|km|in|of|on|at|to|is|my|by|or|do)\s)"
    r"([a-z]{2})\s?[-\u2013_#]?\s?(\d{4})(?![\w@])",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_YES = re.compile(
    r"^\W*(s[ií]+p?|claro|dale|ok\w*|va|listo|correcto|exacto|confirm\w+|de acuerdo|adelante|proced\w+|h[aá]g[ao]l[oa]|"
    r"hazlo|perfecto|bueno|obvio|por supuesto|as[ií] es|est[aá] bien|por favor|yes|yep|yeah|yup|sure|right|correct|"
    r"go ahead|do it|please|fine|absolutely|of course|exactly|that.?s (?:right|correct|fine|it))\b|^\s*[👍👌✅]",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^\W*(no|nop|nope|nel|nones|nah?|naw|nuh|negativ[oe]|todav[ií]a no|mejor no|ya no|not yet|don.?t)\b", re.IGNORECASE
)
# No yes, whatever a classifier makes of them.
_PERHAPS = re.compile(
    r"^\W*h*m+\W*$|\b(tal vez|quiz[aá]s?|puede ser|a lo mejor|supongo|creo|no s[eé]|maybe|perhaps|guess|might|possibly|"
    r"not sure|think)\b",
    re.IGNORECASE,
)
_BUT = re.compile(r"\?|\b(pero|espera|antes|but|wait|first)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:no|perd[oó]n|disculpa|sorry|actually|me equivoqu[eé]|es|is|it.?s|en|a|to|la|mi|my|the|nueva|new|correcta|"
    r"right|direcci[oó]n|address|ser[ií]a)\b\W*",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b(calle|carrera|cra|kra|cll|avenida|av|diagonal|transversal|pasaje|jr|jir[oó]n|bulevar|boulevard|"
    r"\d+ [a-z]+ (street|st|avenue|ave|road|rd))\b",
    re.IGNORECASE,
)
_BEFORE_A_NAME = re.compile(
    r"^\W*(?:no|mejor|perd[oó]n|disculpa|sorry|actually|es|ser[ií]a|it.?s|al? nombre de|para|in the name of|under|for)"
    r"\b\W*",
    re.IGNORECASE,
)
MAX_ADDRESS = 200  # characters
MAX_SAID = 200
SHORT = 5  # words of a yes that is nothing else
SURE = 0.7
# What is talk answers no question, however short it is.
TALK = (
    "greet goodbye thanks affirm deny no_data bot_challenge ask_settled human_handoff "
    "attachment wordless card_number other_language"
).split()


@dataclass(frozen=True)
class Message:
    """What Rasa understood. `typed` is empty for a button, whose payload nobody wrote."""

    typed: str
    intent: str | None = None
    confidence: float = 0.0
    entities: dict[str, Any] = field(default_factory=dict)

    @property
    def is_talk(self) -> bool:
        """Surely so: a single unknown word is easily taken for a greeting."""
        return self.intent in TALK and self.confidence >= SURE

    @classmethod
    def of(cls, latest: dict[str, Any]) -> Message:
        """From `tracker.latest_message`."""
        text, intent = latest.get("text") or "", latest.get("intent") or {}
        entities = {one["entity"]: one["value"] for one in reversed(latest.get("entities") or [])}
        confidence = float(intent.get("confidence") or 0.0)
        return cls("" if text.startswith("/") else text, intent.get("name"), confidence, entities)


def order_number_in(text: str) -> str | None:
    """`RX-4821` from "rx4821", "RX 4821" or a sentence around it."""
    found = _ORDER_NUMBER.search(text or "")
    return f"{found[1].upper()}-{found[2]}" if found else None


def email_in(text: str) -> str | None:
    found = _EMAIL.search(text or "")
    return found[0].lower() if found else None


def address_in(text: str) -> str | None:
    """Street and number, as the customer wrote them: at least two words, one with a digit, and not a question."""
    said = " ".join(text.split()).lstrip("¡¿ ")
    while stripped := _LEAD.match(said):
        said = said[stripped.end() :]
    looks_so = len(said.split()) >= 2 and re.search(r"\d", said) and "?" not in said
    return said[:MAX_ADDRESS] if looks_so and not order_number_in(said) and not email_in(said) else None


def yes_or_no(message: Message) -> bool | None:
    """Only a plain yes is one: what is about to be done cannot always be undone."""
    if not message.typed:
        return {"affirm": True, "deny": False}.get(message.intent or "")
    yes = _YES.search(message.typed)
    sure_no = message.intent == "deny" and message.confidence >= SURE and not yes
    if _NO.search(message.typed) or sure_no:
        return False
    if _BUT.search(message.typed):
        return None
    if yes or _is_short_yes(message):
        return True
    return False if message.intent == "deny" else None


def _is_short_yes(message: Message) -> bool:
    """Said in one of the many ways that no list has ("de una", "arre", "ya man")."""
    sure = message.intent == "affirm" and message.confidence >= SURE
    return sure and len(message.typed.split()) <= SHORT and not _PERHAPS.search(message.typed)


def one_of(kinds: Mapping[str, re.Pattern[str]]) -> Callable[[Message], str | None]:
    """A button's choice, or the kind whose words are the first to be found."""

    def read(message: Message) -> str | None:
        if message.entities.get("choice") in kinds:
            return str(message.entities["choice"])
        return next((kind for kind, words in kinds.items() if words.search(message.typed)), None)

    return read


def some_words(message: Message) -> str | None:
    """Whatever was written, unless it plainly is no answer. Talk has no figures: "el número 42" is a size."""
    if message.entities.get("choice"):
        return str(message.entities["choice"])
    said = " ".join(message.typed.split())
    is_answer = not message.is_talk or re.search(r"\d", said)
    return said[:MAX_SAID] if said and "?" not in said and is_answer else None


def name_in(message: Message) -> str | None:
    """Of a person or company: what is left of "no, mejor a nombre de Restrepo SAS"."""
    said = some_words(message) or ""
    while stripped := _BEFORE_A_NAME.match(said):
        said = said[stripped.end() :]
    return said or None


def city_in(message: Message) -> str | None:
    """A city that is known by name, or a short answer that could be one."""
    said = re.sub(r"^(?:a|en|para|hacia|to|in)\s+(?:la ciudad de\s+)?", "", message.typed.strip(" .,!¡"), flags=re.I)
    looks_so = 0 < len(said.split()) <= 4 and not re.search(r"[\d?@]", said) and not message.is_talk
    return message.entities.get("city") or (said[:MAX_SAID] if looks_so else None)


def street_in(text: str) -> str | None:
    """An address inside a longer sentence begins with the street."""
    found = _STREET.search(text)
    return address_in(text[found.start() :]) if found else None


RETURN_KINDS = {
    "exchange": re.compile(r"\b(c[aá]mbi\w+|swap\w*|exchang\w+|otra talla|otro color|another|different)\b", re.I),
    "return": re.compile(r"\b(devol\w+|devuelv\w+|regres\w+|return\w*|send\w* (it )?back|reembolso|refund)\b", re.I),
}
RETURN_REASONS = {
    "defect": re.compile(
        r"(rot[oa]|dañad|defect|fall[aó]|no (funciona|prende|enciende|cierra)|descosid|"
        r"broke|damaged|faulty|doesn.?t work|torn)",
        re.I,
    ),
    "wrong_item": re.compile(
        r"(equivocad|no es lo que ped|otro (producto|modelo)|wrong (item|one|product|colou?r)|not what i ordered)", re.I
    ),
    "size": re.compile(
        r"(talla|talle|chic[oa]\b|grande|pequeñ|apretad|me qued|too (big|small|tight|large)|\bsize|doesn.?t fit)", re.I
    ),
    "changed_mind": re.compile(
        r"(no me gust|arrepent|ya no (lo|la) (quiero|necesito)|changed my mind|don.?t (like|want|need) it)", re.I
    ),
}

# slot → what in a message fills it, when the form asks for it or the customer corrects it.
READERS: dict[str, Callable[[Message], Any]] = {
    "order_number": lambda message: order_number_in(message.typed),
    "email": lambda message: email_in(message.typed),
    "confirmed": yes_or_no,
    "address": lambda message: street_in(message.typed) or address_in(message.typed),
    "city": city_in,
    "product": some_words,
    "tax_id": lambda message: tax_id_in(message.typed),
    "invoice_name": name_in,
    "return_item": some_words,
    "return_kind": one_of(RETURN_KINDS),
    "return_reason": lambda message: one_of(RETURN_REASONS)(message) or some_words(message),
    "return_wish": some_words,
}
# What may already be said with the wish itself: "quiero cambiar la chaqueta, me quedó grande".
AT_ONCE: dict[str, Callable[[Message], Any]] = {
    "address": lambda message: street_in(message.typed),
    "tax_id": lambda message: called_tax_id_in(message.typed),
    "return_item": lambda message: message.entities.get("product"),
    "return_kind": one_of(RETURN_KINDS),
    "return_reason": one_of(RETURN_REASONS),
}
