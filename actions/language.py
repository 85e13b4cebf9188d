"""Which language the customer speaks: the one owner of that. Clear words change it, never a number or an "ok"."""

from __future__ import annotations

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

LANGUAGES = ("es", "en")
SURE = 0.9
_NOT_WORDS = re.compile(r"\S+@\S+|\S*\d\S*|https?://\S+")
_WISHES = {
    "en": re.compile(r"\b(in english|en ingl[eé]s|speak english)\b", re.IGNORECASE),
    "es": re.compile(r"\b(in spanish|en espa[nñ]ol|habl\w+ espa[nñ]ol)\b", re.IGNORECASE),
}
# Single words are too short to be recognised by their letters.
_SINGLE = {
    **dict.fromkeys(("hola", "buenas", "gracias", "ayuda", "sí", "adiós", "chau", "pedido", "oye"), "es"),
    **dict.fromkeys(("hello", "hi", "hey", "thanks", "help", "yes", "bye", "please", "order"), "en"),
}


# Letters alone call gibberish English; a change of language needs a word that everybody who speaks it uses.
_COMMON = {
    "es": frozenset(
        "a al algo ayer buen buenos buenas bien cuando cuándo cuanto cómo como con cual cuál de del desde donde dónde "
        "el ella en eres es esa ese eso esta está este esto estoy favor fue ha hace hasta hay he hoy la las le lo los "
        "mañana me mi mis muy más necesito ni no nos o para pero por porque puedo puedes que qué quien quién quiero "
        "se ser si sin sobre soy su sus también te tengo tiene todavía tu tú un una usted ya y yo".split()
    ),
    "en": frozenset(
        "a about am an and any are at be but by can could did do does don for from get good has have hello help how i "
        "if in is it its me my need no not now of on or our please so some still tell that the their there they this "
        "to today tomorrow want was we what when where which who why will with would yesterday yet you your".split()
    ),
}


def language_of(text: str, current: str) -> str:
    """`es` or `en`; `current` unless the text clearly says otherwise."""
    for language, wish in _WISHES.items():
        if wish.search(text):
            return language
    words = re.findall(r"[^\W\d_]+", _NOT_WORDS.sub(" ", text).lower())
    known = {_SINGLE[word] for word in words if word in _SINGLE}
    if len(known) == 1 and len(words) <= 3:
        return known.pop()
    if len(words) < 2:
        return current
    language, probability = _identifier().classify(" ".join(words))
    spoken = not _COMMON.get(language, frozenset()).isdisjoint(words) or language in known
    return language if spoken and float(probability) >= SURE else current


@lru_cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
