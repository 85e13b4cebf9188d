"""What the page may ask of a phone, and what it has to give along."""

from collections.abc import Callable, Mapping
from typing import Any

from simulator import files
from simulator.phone import NAMES, Phone
from simulator.refused import Refused
from simulator.shown import Bubble

MOST_TEXT = 4_000
PLACE = (4.6534, -74.0836)  # the demo shop's town
REACTION = "❤"
FILES = {"image": files.picture, "voice": files.voice, "document": files.document}
Asked = Mapping[str, Any]


def act(phone: Phone, asked: Asked) -> None:
    """Does what is asked, by its `act`. Raises Refused."""
    name = asked.get("act")
    if name not in ACTS:
        raise Refused(f"act is {name!r}; there are {', '.join(ACTS)}")
    ACTS[name](phone, asked)


def _say(phone: Phone, asked: Asked) -> None:
    phone.say(_text(asked))


def _press(phone: Phone, asked: Asked) -> None:
    bubble = _bubble(phone, asked)
    choice = next((one for one in bubble.choices if one.id == asked.get("choice")), None)
    if choice is None:
        raise Refused(f"the message has no choice {asked.get('choice')!r}")
    phone.press(bubble, choice)


def _send(phone: Phone, asked: Asked) -> None:
    kind = asked.get("kind")
    if kind == "place":
        phone.send_place(*PLACE)
    elif kind in FILES:
        phone.send(kind, FILES[kind]())
    else:
        raise Refused(f"kind is {kind!r}; there are place, {', '.join(FILES)}")


def _edit(phone: Phone, asked: Asked) -> None:
    phone.edit(_own(phone, asked, "edit"), _text(asked))


def _delete(phone: Phone, asked: Asked) -> None:
    phone.delete(_own(phone, asked, "delete"))


def _react(phone: Phone, asked: Asked) -> None:
    bubble, on = _bubble(phone, asked), asked.get("on")
    if bubble.mine or "react" not in phone.can or not isinstance(on, bool):
        raise Refused(f"on is {on!r}; customers of {phone.channel} react, or not, to what they are told")
    phone.react(bubble, REACTION if on else "")


def _read(phone: Phone, _asked: Asked) -> None:
    phone.read()


def _new(phone: Phone, asked: Asked) -> None:
    language = asked.get("language")
    if language not in NAMES:
        raise Refused(f"language is {language!r}; there are {', '.join(NAMES)}")
    phone.new_customer(language)


def _fault(phone: Phone, asked: Asked) -> None:
    fault, on = asked.get("fault"), asked.get("on")
    if not isinstance(fault, str) or not isinstance(on, bool):
        raise Refused(f"fault is {fault!r} and on is {on!r}; they must be a name, and true or false")
    phone.switch(fault, on)


ACTS: dict[str, Callable[[Phone, Asked], None]] = {
    "say": _say,
    "press": _press,
    "send": _send,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "read": _read,
    "new": _new,
    "fault": _fault,
}


def _text(asked: Asked) -> str:
    text = asked.get("text")
    if not isinstance(text, str) or not 0 < len(text.strip()) <= MOST_TEXT:
        raise Refused(f"text must have from 1 to {MOST_TEXT} characters")
    return text.strip()


def _bubble(phone: Phone, asked: Asked) -> Bubble:
    found = phone.bubble(str(asked.get("bubble")))
    if found is None:
        raise Refused("this message is not on the phone any more")
    return found


def _own(phone: Phone, asked: Asked, ability: str) -> Bubble:
    found = _bubble(phone, asked)
    if not found.mine or found.deleted or ability not in phone.can:
        raise Refused(f"customers of {phone.channel} cannot {ability} this message")
    return found
