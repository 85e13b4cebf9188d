"""What is missing in an order number or an e-mail address that is nearly one, so that the help can be exact. Pure."""

from __future__ import annotations

import re

MOST_WORDS = 6  # a longer message says something else, too
_ENDINGS = "com|net|org|edu|co|mx|ar|cl|pe|ec|es|us|example"
# slot → what is wrong and how that looks; the first that is found tells.
_LOOKS = {
    "order_number": {
        "letters": re.compile(r"(?<![\w@.-])(?:[a-z]|[a-z]{3,4})?[\s-]?#?\d{4}(?![\w@])", re.IGNORECASE),
        "digits": re.compile(r"(?<![\w@.])[a-z]{2}\s?-?\s?(?:\d{1,3}|\d{5,8})(?![\w@])", re.IGNORECASE),
    },
    "email": {
        "ending": re.compile(r"[\w.+%-]+@[\w-]+(?![\w.@-])"),
        "at": re.compile(
            rf"(?<![\w@.])[\w+%-][\w.+%-]*\.(?:{_ENDINGS})(?![\w@])|\w\s?(?:\(at\)|\barroba\b)|^\S+ at \S+$",
            re.IGNORECASE,
        ),
    },
}


def near_miss(slot: str, text: str) -> str | None:
    """Which part is missing, by a name that the form's answer ends with; None for what is not even nearly one."""
    if "?" in text or len(text.split()) > MOST_WORDS:
        return None
    return next((name for name, look in _LOOKS.get(slot, {}).items() if look.search(text)), None)
